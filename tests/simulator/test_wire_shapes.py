"""Whole bodies compared with composed examples; only the clock stands still for it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from simulator.catalogue import BIG_BUCK_BUNNY, SINTEL, by_name
from simulator.server import Running
from tests.simulator.support import Api, hash_of, magnet

CONTRACT = Path(__file__).parent.parent / "contract"


def example(name: str) -> Any:
    return json.loads((CONTRACT / f"sim_{name}.json").read_text())


def shape(value: Any) -> Any:
    """Field names in order and the JSON type of every value."""
    if isinstance(value, dict):
        return {name: shape(item) for name, item in value.items()}
    if isinstance(value, list):
        return [shape(value[0])] if value else []
    return "number" if type(value) in (int, float) else type(value).__name__


def test_a_cached_torrent_is_listed_exactly_as_documented(sim: Running, api: Api) -> None:
    sim.control.cache([BIG_BUCK_BUNNY])
    sim.control.options(file_ids="zero_based")
    api.create(by_name("Big Buck Bunny").magnet)
    body = api.get("torrents/mylist", bypass_cache="true").json()
    assert body == example("mylist_cached")
    assert list(body["data"][0]) == list(example("mylist_cached")["data"][0])


def test_every_state_has_the_same_fields(sim: Running, api: Api) -> None:
    sim.control.reset("household")
    sim.control.seed(accounts=[{"key": api.key}])
    states = [
        "metadata",
        "downloading",
        "stalled",
        "failed",
        "storing",
        "seeding",
        "completed",
        "expired",
        "paused",
    ]
    sim.control.seed(
        torrents=[{"key": api.key, "hash": hash_of(n), "state": name} for n, name in enumerate(states)]
    )
    wanted = set(example("mylist_cached")["data"][0])
    assert all(set(row) == wanted for row in api.rows())


def test_a_moving_torrent_has_the_documented_states_in_order(sim: Running, api: Api) -> None:
    sim.control.options(meta_seconds=3, download_seconds=10, store_seconds=4, seed_seconds=20)
    id_ = api.create(by_name("Big Buck Bunny").magnet).json()["data"]["torrent_id"]
    seen = []
    for seconds in (1, 4, 7, 3, 4, 20):
        row = api.row(id_)
        seen.append((row["download_state"], row["active"], row["download_finished"], row["download_present"]))
        sim.control.advance(seconds)
    row = api.row(id_)
    assert seen == [
        ("metaDL", True, False, False),
        ("metaDL", True, False, False),
        ("downloading", True, False, False),
        ("downloading", True, False, False),
        ("uploading", True, True, False),
        ("uploading", True, True, True),
    ]
    assert (row["download_state"], row["active"], row["download_present"]) == ("completed", False, True)


def test_metadata_phase_shows_the_hash_and_nothing_else(api: Api) -> None:
    row = api.row(api.create(magnet(1)).json()["data"]["torrent_id"])
    assert (row["name"], row["size"], row["files"], row["eta"]) == (row["hash"], 0, [], 8640000)
    assert row["expires_at"] is None


def test_progress_is_a_function_of_the_clock(sim: Running, api: Api) -> None:
    sim.control.options(meta_seconds=0, download_seconds=100)
    id_ = api.create(magnet(1)).json()["data"]["torrent_id"]
    sim.control.advance(25)
    row = api.row(id_)
    assert row["progress"] == 0.25
    assert row["total_downloaded"] == row["size"] // 4
    assert row["eta"] == 75


def test_a_create_answers_id_hash_and_account(sim: Running, api: Api) -> None:
    answer = api.create(by_name("Sintel").magnet).json()
    assert shape(answer) == shape(example("create_added"))
    assert answer["data"]["hash"] == SINTEL


def test_a_cached_create_says_so(sim: Running, api: Api) -> None:
    sim.control.cache([hash_of(5)])
    answer = api.create(magnet(5))
    assert answer.json()["detail"] == "Found Cached Torrent. Using Cached Torrent."
    assert answer.headers["x-ratelimit-limit"] == "300"


def test_the_user_is_described_as_documented(api: Api) -> None:
    answer = api.get("user/me", settings="true").json()
    assert shape(answer) == shape(example("user_me"))
    assert "settings" not in api.get("user/me").json()["data"]


def test_checkcached_answers_object_or_list(sim: Running, api: Api) -> None:
    both = f"{SINTEL.upper()},{hash_of(9)}"
    data = api.get("torrents/checkcached", hash=both, list_files="true").json()["data"]
    assert list(data) == [SINTEL]
    assert shape(data[SINTEL]) == shape(example("checkcached_row"))
    listed = api.get("torrents/checkcached", hash=[SINTEL, hash_of(9)], format="list").json()["data"]
    assert listed == [{"name": "Sintel", "size": data[SINTEL]["size"], "hash": SINTEL}]
    posted = api.call("POST", "torrents/checkcached", json={"hashes": [SINTEL]}, params={"format": "list"})
    assert posted.json()["data"] == listed


def test_torrentinfo_knows_the_catalogue_and_times_out_on_the_unknown(api: Api) -> None:
    answer = api.get("torrents/torrentinfo", hash=SINTEL).json()
    assert shape(answer) == shape(example("torrentinfo"))
    assert api.get("torrents/torrentinfo", hash=hash_of(77)).json()["error"] == "ITEM_NOT_FOUND"


def test_torrentinfo_by_post_prefers_hash_over_magnet_over_file(sim: Running, api: Api) -> None:
    work = sim.control.make_work("Essays", {"a.txt": 10})
    url = "torrents/torrentinfo"
    file = {"file": ("file", work.torrent_bytes, "application/octet-stream")}
    bunny = by_name("Big Buck Bunny").magnet
    assert api.call("POST", url, files=file).json()["data"]["name"] == "Essays"
    assert (
        api.call("POST", url, data={"magnet": bunny}, files=file).json()["data"]["name"] == "Big Buck Bunny"
    )
    both = api.call("POST", url, data={"magnet": bunny, "hash": SINTEL}, files=file)
    assert both.json()["data"]["name"] == "Sintel"
    assert set(api.call("POST", url, data={"hash": SINTEL, "peers_only": "1"}).json()["data"]) == {
        "hash", "seeds", "peers",
    }  # fmt: skip


def test_the_queue_lists_rows_as_documented(sim: Running, api: Api) -> None:
    api.create(by_name("Sintel").magnet, as_queued="true")
    sim.control.cache([SINTEL], cached=False)
    api.create(by_name("Tears of Steel").magnet, as_queued="true")
    assert shape(api.queued()[0]) == shape(example("queued_row"))


def test_up_and_stats_need_no_key(stranger: Any) -> None:
    nobody = stranger(None)
    assert nobody.http.get(nobody.running.url + "/").json() == example("up")
    assert nobody.get("stats").json()["data"]["total_users"] == 4
