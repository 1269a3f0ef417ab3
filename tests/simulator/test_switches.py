"""Every switch changes what is on the wire."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
import requests

from simulator.catalogue import SINTEL, by_name
from simulator.errors import Unsupported
from simulator.options import SWITCHES
from simulator.server import Running
from tests.simulator.support import KEY, Api, hash_of, magnet

Probe = Callable[[Running, Api], Any]
HUNDRED_YEARS = 100 * 365 * 86400


def seeded(sim: Running, **spec: Any) -> int:
    placed = sim.control.seed(torrents=[{"key": KEY, "hash": hash_of(50), **spec}])["torrents"][0]
    return int(placed["torrent_id"])


def creates(api: Api, count: int) -> list[Any]:
    return [api.create(magnet(n)) for n in range(count)]


def after_full(sim: Running, api: Api) -> Any:
    sim.control.options(no_slot="active_limit")
    answer = creates(api, 4)[-1]
    return answer.status_code, answer.json()["error"]


def full(sim: Running, api: Api) -> Any:
    return sorted(creates(api, 4)[-1].json()["data"])


def twice(sim: Running, api: Api) -> Any:
    return creates(api, 1) and creates(api, 1)[0].json()["error"]


def cached_row(sim: Running, api: Api) -> Any:
    row = api.row(seeded(sim, hash=SINTEL))
    del row["updated_at"]
    return row


def moving_row(sim: Running, api: Api) -> Any:
    return api.row(seeded(sim, state="downloading", progress=0.5))["progress"]


def listed(sim: Running, api: Api) -> Any:
    for n in range(3):
        seeded(sim, hash=hash_of(n))
    return len(api.rows(limit=2))


def cached_export(sim: Running, api: Api) -> Any:
    return api.get("torrents/exportdata", torrent_id=seeded(sim), type="magnet").json()["error"]


def file_export(sim: Running, api: Api) -> Any:
    work = sim.control.make_work("Notes", {"a.txt": 10})
    id_ = api.upload(work.torrent_bytes or b"").json()["data"]["torrent_id"]
    return api.get("torrents/exportdata", torrent_id=id_, type="file").headers["content-type"]


def redirected(sim: Running, api: Api) -> Any:
    params = {"token": KEY, "torrent_id": seeded(sim), "zip_link": "true", "redirect": "true"}
    return api.call("GET", "torrents/requestdl", params=params, allow_redirects=False).status_code


def old_link(sim: Running, api: Api) -> Any:
    url = api.link(seeded(sim), zip_link="true").json()["data"]
    sim.control.advance(2 * 3600)
    return api.http.head(url).status_code


def where_links_lead(sim: Running, api: Api) -> Any:
    return api.link(seeded(sim), zip_link="true").json()["data"].startswith("http://localhost:1/cdn/")


def end_of_a_file(sim: Running, api: Api) -> Any:
    url = api.link(seeded(sim), file_id=file_of(api)).json()["data"]
    return api.http.get(url, headers={"range": "bytes=10-"}, stream=True).status_code


def all_of_a_file(sim: Running, api: Api) -> Any:
    url = api.link(seeded(sim, name="Notes", hash=None), file_id=file_of(api)).json()["data"]
    try:
        return len(api.http.get(url).content)
    except requests.RequestException:
        return None


def file_of(api: Api) -> Any:
    return api.rows()[0]["files"][0]["id"]


def torrent_link(sim: Running, api: Api) -> Any:
    url = api.link(seeded(sim, name="Notes", hash=None), torrent_file="true").json()["data"]
    return "/torrent/" in url


def hourly_refusal(sim: Running, api: Api) -> Any:
    sim.control.options(create_per_hour=1)
    return "retry-after" in creates(api, 2)[1].headers


def reset_header(sim: Running, api: Api) -> Any:
    return creates(api, 1)[0].headers["x-ratelimit-reset"]


def cached_budget(sim: Running, api: Api) -> Any:
    return api.create(by_name("Sintel").magnet).headers["x-ratelimit-limit"]


def no_key(sim: Running, api: Api) -> Any:
    return Api(sim, None).get("user/me").status_code


def state_after(seconds: float, **spec: Any) -> Probe:
    def probe(sim: Running, api: Api) -> Any:
        id_ = api.create(magnet(1), **spec).json()["data"]["torrent_id"]
        sim.control.advance(seconds)
        row = api.row(id_)
        return row["download_state"], row["download_present"], row["active"]

    return probe


def stale(path: str) -> Probe:
    def probe(sim: Running, api: Api) -> Any:
        api.get(path)
        api.create(magnet(1), as_queued="true" if "queued" in path else "false")
        return len(api.get(path).json()["data"])

    return probe


def lagging(sim: Running, api: Api) -> Any:
    api.create(magnet(1))
    return len(api.rows())


def stale_check(sim: Running, api: Api) -> Any:
    api.get("torrents/checkcached", hash=hash_of(1))
    sim.control.cache([hash_of(1)])
    return api.get("torrents/checkcached", hash=hash_of(1)).json()["data"]


def queue_wait(sim: Running, api: Api) -> Any:
    api.create(magnet(1), as_queued="true")
    sim.control.advance(31)
    return len(api.rows())


def free_account(sim: Running, api: Api) -> Any:
    sim.control.account(KEY, plan=0)
    first = api.create(magnet(1)).json()["error"]
    return first, sim.state.keys[KEY].cooldown_until


def pro_size(sim: Running, api: Api) -> Any:
    sim.control.account(KEY, plan=2)
    return creates(api, 1)[0].json()["error"]


def asked(path: str, **params: Any) -> Probe:
    return lambda sim, api: api.get(path, **params).json()


def timed(sim: Running, api: Api) -> Any:
    started = time.monotonic()
    api.get("torrents/torrentinfo", hash=hash_of(1))
    return time.monotonic() - started > 0.4


def only_cached(sim: Running, api: Api) -> Any:
    return api.create(magnet(1), add_only_if_cached="true").json()["error"]


def queue_twice(sim: Running, api: Api) -> Any:
    return [api.create(magnet(n), as_queued="true").json()["error"] for n in range(2)][1]


def background(sim: Running, api: Api) -> Any:
    return api.call("POST", "torrents/asynccreatetorrent", data={"magnet": magnet(1)}).json()["data"]


def paused(sim: Running, api: Api) -> Any:
    return api.control(seeded(sim), "pause").status_code


def own_row(sim: Running, api: Api) -> Any:
    row = api.row(seeded(sim, state="completed"))
    return row["cached"], row["cached_at"]


def later_updates(sim: Running, api: Api) -> Any:
    id_ = seeded(sim, state="downloading", progress=0.1, download_seconds=9999)
    first = api.row(id_)["updated_at"]
    sim.control.advance(60)
    return api.row(id_)["updated_at"] > first


def owners(sim: Running, api: Api) -> Any:
    other = sim.control.seed(accounts=[{"key": "key-of-a-stranger"}])["accounts"][0]
    sim.control.seed(torrents=[{"key": "key-of-a-stranger", "hash": hash_of(51)}])
    seeded(sim)
    return [row["auth_id"] == other for row in api.rows()]


def by_id_after_an_add(sim: Running, api: Api) -> Any:
    id_ = api.create(magnet(1)).json()["data"]["torrent_id"]
    return api.get("torrents/mylist", id=id_).status_code


def without_seeds(sim: Running, api: Api) -> Any:
    return api.row(seeded(sim, state="failed"))["download_state"]


def file_export_of_a_magnet(sim: Running, api: Api) -> Any:
    id_ = seeded(sim, state="completed")
    return api.get("torrents/exportdata", torrent_id=id_, type="file").status_code


def magnet_export(sim: Running, api: Api) -> Any:
    given = f"{magnet(1)}&tr=udp%3A%2F%2Ftracker.example.net%3A1"
    id_ = api.create(given).json()["data"]["torrent_id"]
    return (
        "tracker.example.net" in api.get("torrents/exportdata", torrent_id=id_, type="magnet").json()["data"]
    )


def capitals(sim: Running, api: Api) -> Any:
    queued = api.create(magnet(1), as_queued="true").json()["data"]["queued_id"]
    body = {"queued_id": queued, "operation": "Delete"}
    in_queue = api.call("POST", "queued/controlqueued", json=body).status_code
    return in_queue, api.control(seeded(sim), "Delete").status_code


def many_hashes(sim: Running, api: Api) -> Any:
    hashes = [hash_of(n) for n in range(150)]
    sim.control.cache(hashes)
    answer = api.call("POST", "torrents/checkcached?format=list", json={"hashes": hashes})
    return len(answer.json()["data"])


def edited(sim: Running, api: Api) -> Any:
    id_ = seeded(sim, tags=["a"])
    api.call("PUT", "torrents/edittorrent", json={"torrent_id": id_, "name": "n"})
    return api.row(id_)["tags"]


def edited_early(sim: Running, api: Api) -> Any:
    body = {"torrent_id": seeded(sim, state="downloading"), "name": "n"}
    return api.call("PUT", "torrents/edittorrent", json=body).status_code


def full_airlock(sim: Running, api: Api) -> Any:
    sim.control.account(KEY, airlock_bytes=1)
    body = {"torrent_id": seeded(sim), "airlocked": True}
    return api.call("PUT", "torrents/edittorrent", json=body).json()["error"]


def out_of_airlock(sim: Running, api: Api) -> Any:
    id_ = seeded(sim, airlocked=True, age=40 * 86400)
    api.call("PUT", "torrents/edittorrent", json={"torrent_id": id_})
    return api.row(id_)["download_present"]


def after_the_plan(sim: Running, api: Api) -> Any:
    sim.control.account(KEY, premium_expires_at=sim.control.now())
    id_ = seeded(sim, airlocked=True)
    sim.control.advance(3600)
    return api.row(id_)["airlocked"]


MISS = asked("torrents/checkcached", hash=hash_of(9))
INFO = asked("torrents/torrentinfo", hash=hash_of(9))
UNKNOWN_ID = asked("torrents/mylist", id=99)
EMPTY = asked("torrents/mylist")

STATS = asked("user/stats", bandwidth="true")

PROBES: dict[str, list[tuple[Any, Probe]]] = {
    "error_on_success": [("false", EMPTY)],
    "missing_id": [("null", UNKNOWN_ID), ("empty_list", UNKNOWN_ID)],
    "cache_miss": [("object", MISS), ("list", MISS)],
    "redirect_status": [(302, redirected)],
    "link_seconds": [(10800, old_link)],
    "no_slot": [("active_limit", lambda sim, api: creates(api, 4)[-1].json()["success"])],
    "active_limit_style": [("200", after_full), ("500", after_full), ("200_null", after_full)],
    "business_status": [(200, lambda sim, api: api.create().status_code)],
    "duplicate": [("error", twice), ("by_state", twice)],
    "missing_token": [("401", no_key)],
    "create_per_minute": [(0, lambda sim, api: creates(api, 11)[-1].status_code)],
    "cached_counts": [(True, cached_budget)],
    "info_timeout": [(10, INFO)],
    "info_timeout_error": [("DOWNLOAD_SERVER_ERROR", INFO), ("UNKNOWN_ERROR", INFO)],
    "checkcached_auth": [
        (False, lambda sim, api: Api(sim, None).get("torrents/checkcached", hash="a").status_code)
    ],
    "extra_operations": [(False, paused)],
    "export_refusal": [("ITEM_NOT_FOUND", cached_export)],
    "export_type": [("application/octet-stream", file_export)],
    "async_data": [("object", background)],
    "only_if_cached_refusal": [("ITEM_NOT_FOUND", only_cached), ("INVALID_OPTION", only_cached)],
    "pro_max_bytes": [(1000, pro_size)],
    "free_plan_api": [(False, free_account)],
    "file_ids": [
        ("zero_based", lambda sim, api: [f["id"] for f in api.row(seeded(sim, hash="ff" * 20))["files"]])
    ],
    "inactive_check": [(True, cached_row)],
    "list_extra_row": [(True, listed)],
    "cached_rows": [("found", own_row)],
    "new_by_id": [("missing", by_id_after_an_add)],
    "given_up": [("incomplete", without_seeds)],
    "export_any_file": [(False, file_export_of_a_magnet)],
    "export_trackers": [(False, magnet_export)],
    "operations": [("lower_case", capitals)],
    "checkcached_post": [(100, many_hashes)],
    "edit_fields": [("keep", edited)],
    "edit_uncached": [(True, edited_early)],
    "airlock_refusal": [
        ("COULD_NOT_PERFORM_ACTION", full_airlock),
        ("PLAN_RESTRICTED_FEATURE", full_airlock),
    ],
    "airlock_end": [("continue", out_of_airlock)],
    "airlock_lapse_seconds": [(60, after_the_plan)],
    "row_airlocked": [(False, cached_row)],
    "row_expires_at": [("null", cached_row)],
    "user_stats": [("null_bandwidth", STATS), ("missing_general", STATS), ("unknown_error", STATS)],
    "usage_days": [("used", STATS)],
    "updated_at": [("backward", later_updates)],
    "list_rows": [("foreign", owners), ("mixed", owners)],
    "timestamps": [("offset", cached_row)],
    "progress": [("int", moving_row), ("percent", moving_row)],
    "unknown_fields": [(True, cached_row)],
    "upper_hashes": [(True, cached_row)],
    "files_null": [(True, cached_row)],
    "empty_list_null": [(True, EMPTY)],
    "null_create_data": [(True, lambda sim, api: creates(api, 1)[0].json()["data"])],
    "requestdl_torrent_file": [(False, torrent_link)],
    "hourly_headers": [(True, hourly_refusal)],
    "reset_style": [("delta", reset_header), ("unix", reset_header)],
    "info_unknown": [("invent", INFO)],
    "info_delay": [(0.5, timed)],
    "latency": [(0.5, timed)],
    "cdn_ranges": [(False, end_of_a_file)],
    "cdn_cut_bytes": [(1000, all_of_a_file)],
    "cdn_lost": [("Notes", all_of_a_file)],
    "links_at": [("http://localhost:1", where_links_lead)],
    "create_per_hour": [(5, lambda sim, api: creates(api, 6)[-1].status_code)],
    "calls_per_minute": [(0, lambda sim, api: api.get("user/me").status_code)],
    "list_cache_seconds": [(0, stale("torrents/mylist"))],
    "queue_cache_seconds": [(0, stale("queued/getqueued"))],
    "checkcached_seconds": [(0, stale_check)],
    "fresh_lag_seconds": [(60, lagging)],
    "queue_max": [(1, queue_twice)],
    "queue_seconds": [(60, queue_wait)],
    "free_monthly": [(0, free_account)],
    "free_cooldown": [(60, free_account)],
    "meta_seconds": [(20, state_after(10))],
    "download_seconds": [(1, state_after(30))],
    "store_seconds": [(200, state_after(106))],
    "seed_seconds": [(500, state_after(200))],
    "long_seed_seconds": [(1, state_after(200, seed=2))],
    "expire_seconds": [(1, lambda sim, api: cached_row(sim, api)["download_state"])],
}


def test_every_switch_is_tried() -> None:
    assert set(PROBES) == set(SWITCHES)


@pytest.mark.parametrize(
    ("name", "value", "probe"),
    [(name, value, probe) for name, cases in PROBES.items() for value, probe in cases],
    ids=[f"{name}={value}" for name, cases in PROBES.items() for value, _ in cases],
)
def test_a_switch_changes_the_wire(sim: Running, api: Api, name: str, value: Any, probe: Probe) -> None:
    def seen(options: dict[str, Any]) -> Any:
        sim.control.reset("empty", options=options, now=1_777_716_000.0)
        sim.control.seed(accounts=[{"key": KEY, "plan": "essential"}])
        return probe(sim, api)

    assert seen({}) != seen({name: value})


def test_unknown_switches_and_values_are_refused(sim: Running) -> None:
    for wrong in ({"nonsense": 1}, {"no_slot": "maybe"}, {"link_seconds": "soon"}, {"files_null": 7}):
        with pytest.raises(Unsupported):
            sim.control.options(**wrong)


def test_switches_are_read_from_text(sim: Running) -> None:
    seen = sim.control.options(
        redirect_status="302", files_null="yes", link_seconds="10800", meta_seconds="2.5"
    )
    assert (seen["redirect_status"], seen["files_null"], seen["link_seconds"]) == (302, True, 10800)
    assert seen["meta_seconds"] == 2.5
