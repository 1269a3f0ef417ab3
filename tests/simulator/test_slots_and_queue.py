from __future__ import annotations

import pytest

from simulator.server import Running
from tests.simulator.support import KEY, Api, hash_of, magnet


@pytest.fixture
def full(sim: Running, api: Api) -> list[int]:
    """Three slots, three downloads of 100 seconds that do not seed."""
    sim.control.options(meta_seconds=0, download_seconds=100, store_seconds=5, create_per_minute=0)
    return [api.create(magnet(n), seed=3).json()["data"]["torrent_id"] for n in range(3)]


def test_a_create_without_a_free_slot_is_queued(api: Api, full: list[int]) -> None:
    data = api.create(magnet(9)).json()["data"]
    assert "torrent_id" not in data
    assert [row["id"] for row in api.queued()] == [data["queued_id"]]
    assert len(api.rows()) == 3


def test_the_queue_moves_on_when_a_slot_frees_and_the_item_gets_a_new_id(
    sim: Running, api: Api, full: list[int]
) -> None:
    queued_id = api.create(magnet(9)).json()["data"]["queued_id"]
    sim.control.advance(104)
    assert len(api.queued()) == 1
    sim.control.advance(2)
    assert api.queued() == []
    newest = api.rows()[0]
    assert newest["hash"] == hash_of(9)
    assert newest["id"] not in {*full, queued_id}
    assert newest["created_at"] == "2026-05-02T10:01:45Z"


def test_only_as_many_start_as_slots_are_free(sim: Running, api: Api, full: list[int]) -> None:
    for n in range(10, 15):
        api.create(magnet(n), seed=3)
    sim.control.advance(106)
    assert (sum(row["active"] for row in api.rows()), len(api.queued())) == (3, 2)


def test_deleting_and_stopping_free_a_slot(sim: Running, api: Api, full: list[int]) -> None:
    api.create(magnet(9))
    sim.control.advance(40)
    api.control(full[0], "delete")
    assert api.queued() == []


def test_seeding_holds_a_slot_until_it_is_stopped(sim: Running, api: Api) -> None:
    sim.control.options(meta_seconds=0, download_seconds=10)
    id_ = api.create(magnet(1), seed=2).json()["data"]["torrent_id"]
    sim.control.advance(3600)
    assert (api.row(id_)["active"], api.row(id_)["download_state"]) == (True, "uploading")
    api.control(id_, "stop_seeding")
    row = api.row(id_)
    assert (row["active"], row["download_present"], row["download_state"]) == (False, True, "completed")


def test_as_queued_waits_even_with_free_slots(sim: Running, api: Api) -> None:
    assert "queued_id" in api.create(magnet(1), as_queued="true").json()["data"]
    sim.control.advance(29)
    assert api.rows() == []
    sim.control.advance(2)
    assert len(api.rows()) == 1


def test_as_queued_is_ignored_on_the_free_plan(sim: Running, api: Api) -> None:
    sim.control.account(KEY, plan=0)
    assert "torrent_id" in api.create(magnet(1), as_queued="true").json()["data"]


def test_a_queued_item_can_be_started_or_deleted(api: Api, full: list[int]) -> None:
    queued_id = api.create(magnet(9)).json()["data"]["queued_id"]
    body = {"queued_id": queued_id, "operation": "start"}
    assert api.call("POST", "queued/controlqueued", json=body).json()["error"] == "ACTIVE_LIMIT"
    api.control(full[0], "pause")
    assert api.call("POST", "queued/controlqueued", json=body).status_code == 200
    other = api.create(magnet(10)).json()["data"]["queued_id"]
    api.call("POST", "queued/controlqueued", json={"queued_id": other, "operation": "delete"})
    assert api.queued() == []


def test_queued_twice_and_queue_full_are_told_in_the_known_words(
    sim: Running, api: Api, full: list[int]
) -> None:
    sim.control.options(queue_max=1)
    api.create(magnet(9))
    again, over = api.create(magnet(9)).json(), api.create(magnet(10)).json()
    assert again["error"] == over["error"] == "DIFF_ISSUE"
    assert "already queued" in again["detail"]
    assert "maximum queued" in over["detail"]


def test_cached_torrents_need_no_slot(sim: Running, api: Api, full: list[int]) -> None:
    sim.control.cache([hash_of(9)])
    row = api.row(api.create(magnet(9)).json()["data"]["torrent_id"])
    assert (row["download_state"], row["active"], row["download_present"]) == ("cached", False, True)


def test_the_queue_is_cached_like_the_list(sim: Running, api: Api, full: list[int]) -> None:
    assert api.get("queued/getqueued").json()["data"] == []
    api.create(magnet(9))
    assert api.get("queued/getqueued").json()["data"] == []
    assert len(api.queued()) == 1
