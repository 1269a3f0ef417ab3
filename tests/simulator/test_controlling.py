from __future__ import annotations

import pytest

from simulator.server import Running
from tests.simulator.support import KEY, Api, hash_of, magnet


@pytest.fixture
def moving(sim: Running, api: Api) -> int:
    sim.control.options(meta_seconds=0, download_seconds=100)
    id_: int = api.create(magnet(1)).json()["data"]["torrent_id"]
    sim.control.advance(30)
    return id_


def test_pause_stops_the_clock_of_one_torrent_and_resume_goes_on(sim: Running, api: Api, moving: int) -> None:
    api.control(moving, "pause")
    sim.control.advance(500)
    assert (api.row(moving)["download_state"], api.row(moving)["progress"]) == ("paused", 0.3)
    api.control(moving, "resume")
    sim.control.advance(20)
    assert (api.row(moving)["download_state"], api.row(moving)["progress"]) == ("downloading", 0.5)


def test_reannounce_brings_peers_back_to_a_stalled_torrent(sim: Running, api: Api) -> None:
    spec = {"key": KEY, "hash": hash_of(3), "state": "stalled", "progress": 0.5, "download_seconds": 100}
    placed = sim.control.seed(torrents=[spec])["torrents"][0]["torrent_id"]
    sim.control.advance(1000)
    assert api.row(placed)["download_state"] == "stalled (no seeds)"
    api.control(placed, "reannounce")
    sim.control.advance(10)
    assert api.row(placed)["progress"] == 0.6


def test_a_failing_torrent_fails_after_a_minute_and_can_be_resumed(sim: Running, api: Api) -> None:
    placed = sim.control.seed(torrents=[{"key": KEY, "hash": hash_of(3), "state": "failing"}])["torrents"][0]
    id_ = placed["torrent_id"]
    sim.control.advance(61)
    assert api.row(id_)["download_state"] == "failed (Download stalled for too long)"
    api.control(id_, "resume")
    assert api.row(id_)["download_state"] == "downloading"


def test_delete_removes_and_all_reaches_everything(api: Api, moving: int) -> None:
    api.create(magnet(2))
    api.control(moving, "delete")
    assert [row["hash"] for row in api.rows()] == [hash_of(2)]
    assert api.control(None, "delete", all=True).status_code == 200
    assert api.rows() == []


def test_operations_need_a_known_name_and_a_target(api: Api, moving: int) -> None:
    assert api.control(moving, "explode").json()["error"] == "INVALID_OPTION"
    assert api.control(None, "delete").json()["error"] == "MISSING_REQUIRED_OPTION"
    assert api.control(999, "delete").json()["error"] == "ITEM_NOT_FOUND"


def test_stored_items_can_be_renamed_and_tagged(sim: Running, api: Api, moving: int) -> None:
    body = {"torrent_id": moving, "name": "New name", "tags": ["a", "b"]}
    assert api.call("PUT", "torrents/edittorrent", json=body).json()["error"] == "DIFF_ISSUE"
    sim.control.advance(100)
    assert api.call("PUT", "torrents/edittorrent", json=body).status_code == 200
    assert (api.row(moving)["name"], api.row(moving)["tags"]) == ("New name", ["a", "b"])


def test_items_expire_after_thirty_days_and_come_back_when_added_again(sim: Running, api: Api) -> None:
    sim.control.cache([hash_of(4)])
    id_ = api.create(magnet(4)).json()["data"]["torrent_id"]
    assert api.row(id_)["expires_at"] == "2026-06-01T10:00:00Z"
    sim.control.advance(30 * 86400)
    row = api.row(id_)
    assert (row["download_state"], row["cached"], row["download_present"]) == ("expired", False, False)
    assert api.create(magnet(4)).json()["data"]["torrent_id"] == id_
    assert api.row(id_)["download_present"] is True


def test_adding_again_gives_the_same_id_and_is_counted_as_repeated_not_as_accepted(
    sim: Running, api: Api, moving: int
) -> None:
    assert sim.control.repeated() == {}
    assert api.create(magnet(1)).json()["data"]["torrent_id"] == moving
    assert sim.control.accepted() == {hash_of(1): 1}
    assert sim.control.repeated(KEY) == {hash_of(1): 1}


def test_what_one_account_has_stored_is_cached_for_the_next(sim: Running, api: Api, moving: int) -> None:
    sim.control.seed(accounts=[{"key": "other"}])
    sim.control.advance(100)
    assert "Found Cached" in Api(sim, "other").create(magnet(1)).json()["detail"]


def test_plans_limit_size_month_and_pace(sim: Running, api: Api) -> None:
    sim.control.seed(torrents=[])
    sim.control.account(KEY, plan=0)
    assert api.create(magnet(1)).status_code == 200
    cooling = api.create(magnet(2)).json()
    assert (cooling["error"], set(cooling["data"])) == ("COOLDOWN_LIMIT", {"cooldown_until", "current_time"})
    sim.control.account(KEY, plan=1, cooldown_until=None, monthly_limit=1)
    assert api.create(magnet(2)).json()["data"] == {"monthly_limit": 1, "current_downloads": 1}


def test_an_item_larger_than_the_plan_is_refused(sim: Running, api: Api) -> None:
    sim.control.options(pro_max_bytes=1000)
    sim.control.account(KEY, plan=2)
    assert api.create(magnet(2)).json()["error"] == "DOWNLOAD_TOO_LARGE"


def test_a_hundred_files_are_marked_as_zipped_unless_zipping_was_declined(sim: Running, api: Api) -> None:
    work = sim.control.make_work("Pages", {f"{n}.txt": 10 for n in range(100)})
    for allowed in ("true", "false"):
        id_ = api.create(work.magnet, allow_zip=allowed).json()["data"]["torrent_id"]
        sim.control.advance(150)
        assert {file["zipped"] for file in api.row(id_)["files"]} == {allowed == "true"}
        api.control(id_, "delete")


def test_add_only_if_cached_refuses_what_is_not(api: Api) -> None:
    assert api.create(magnet(2), add_only_if_cached="true").json()["error"] == "DIFF_ISSUE"
    assert api.rows() == []
