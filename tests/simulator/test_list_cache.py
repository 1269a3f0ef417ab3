from __future__ import annotations

from simulator.server import Running
from tests.simulator.support import KEY, Api, hash_of, magnet


def test_the_list_is_up_to_600_seconds_old_without_bypass(sim: Running, api: Api) -> None:
    assert api.rows(bypass=False) == []
    api.create(magnet(1))
    sim.control.advance(599)
    assert api.rows(bypass=False) == []
    sim.control.advance(1)
    assert len(api.rows(bypass=False)) == 1


def test_an_old_list_shows_the_old_progress(sim: Running, api: Api) -> None:
    sim.control.options(meta_seconds=0, download_seconds=1000)
    api.create(magnet(1))
    sim.control.advance(100)
    first = api.rows(bypass=False)
    sim.control.advance(300)
    api.control(first[0]["id"], "delete")
    assert api.rows(bypass=False) == first
    assert first[0]["progress"] == 0.1


def test_a_bypassing_read_renews_the_list_for_everybody(api: Api) -> None:
    api.rows(bypass=False)
    api.create(magnet(1))
    assert len(api.rows(bypass=True)) == 1
    assert len(api.rows(bypass=False)) == 1


def test_a_single_item_has_a_cache_of_its_own(sim: Running, api: Api) -> None:
    id_ = api.create(magnet(1)).json()["data"]["torrent_id"]
    assert api.get("torrents/mylist", id=id_).json()["data"]["download_state"] == "metaDL"
    sim.control.advance(30)
    assert api.get("torrents/mylist", id=id_).json()["data"]["download_state"] == "metaDL"
    assert api.row(id_)["download_state"] == "downloading"
    assert api.get("torrents/mylist", id=id_).json()["data"]["download_state"] == "downloading"


def test_pages_are_newest_first_and_at_most_a_thousand(sim: Running, api: Api) -> None:
    sim.control.seed(torrents=[{"key": KEY, "hash": hash_of(n)} for n in range(5)])
    ids = [row["id"] for row in api.rows()]
    assert ids == sorted(ids, reverse=True)
    assert [row["id"] for row in api.rows(offset=1, limit=2)] == ids[1:3]
    assert api.rows(offset=50) == []


def test_a_row_can_be_left_out_of_the_next_answers(sim: Running, api: Api) -> None:
    sim.control.seed(torrents=[{"key": KEY, "hash": hash_of(n)} for n in range(2)])
    sim.control.drop_from_list(KEY, hash_of(0), times=2)
    assert [len(api.rows()) for _ in range(3)] == [1, 1, 2]


def test_checkcached_answers_are_an_hour_old(sim: Running, api: Api) -> None:
    def found() -> bool:
        return bool(api.get("torrents/checkcached", hash=hash_of(3)).json()["data"])

    assert not found()
    sim.control.cache([hash_of(3)])
    sim.control.advance(3599)
    assert not found()
    sim.control.advance(1)
    assert found()
