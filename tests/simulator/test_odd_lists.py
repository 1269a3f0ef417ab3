"""List answers that can be made to leave rows out, to tell them twice, and to slip between pages."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.errors import Unsupported
from simulator.server import Running
from tests.simulator.support import KEY, Api, hash_of, magnet


@pytest.fixture(autouse=True)
def _ten(sim: Running) -> None:
    sim.control.seed(torrents=[{"key": KEY, "hash": hash_of(n)} for n in range(10)])


def hashes(rows: list[dict[str, Any]]) -> list[str]:
    return [row["hash"] for row in rows]


def test_all_rows_can_be_left_out_of_the_next_answers(sim: Running, api: Api) -> None:
    sim.control.thin_list(KEY, times=2)
    assert [len(api.rows()) for _ in range(3)] == [0, 0, 10]


def test_some_rows_can_be_left_out_the_same_ones_each_time(sim: Running, api: Api) -> None:
    sim.control.thin_list(KEY, share=0.5, times=2)
    first, second = hashes(api.rows()), hashes(api.rows())
    assert first == second and 0 < len(first) < 10
    sim.control.thin_list(KEY, share=0.5, seed=1)
    assert hashes(api.rows()) != first


def test_the_queue_can_be_left_out_without_the_list(sim: Running, api: Api) -> None:
    api.create(magnet(99), as_queued="true")
    sim.control.thin_list(KEY, endpoint="getqueued")
    assert (len(api.rows()), len(api.queued()), len(api.queued())) == (10, 0, 1)


def test_every_row_can_come_twice(sim: Running, api: Api) -> None:
    sim.control.repeat_rows(KEY)
    told = hashes(api.rows())
    assert told == [each for each in hashes(api.rows()) for _ in range(2)]


def test_a_row_can_slip_through_between_two_pages(sim: Running, api: Api) -> None:
    everything = hashes(api.rows())
    sim.control.shift_pages(KEY)
    pages = hashes(api.rows(limit=5)) + hashes(api.rows(offset=5, limit=5))
    assert pages == everything[:5] + everything[6:]


def test_a_row_can_be_on_two_pages(sim: Running, api: Api) -> None:
    everything = hashes(api.rows())
    sim.control.shift_pages(KEY, rows=-1)
    pages = hashes(api.rows(limit=5)) + hashes(api.rows(offset=5, limit=5))
    assert pages == everything[:5] + everything[4:9]


def test_a_row_can_have_values_of_any_kind(sim: Running, api: Api) -> None:
    first = hashes(api.rows())[0]
    sim.control.odd_row(KEY, first, {"hash": None, "ratio": "inf", "tags": [{"name": "x"}]})
    odd, *others = api.rows()
    assert (odd["hash"], odd["ratio"], odd["tags"]) == (None, "inf", [{"name": "x"}])
    assert len(hashes(others)) == 9
    sim.control.odd_row(KEY, first, {})
    assert hashes(api.rows())[0] == first


def test_a_row_of_the_queue_can_have_values_of_any_kind(sim: Running, api: Api) -> None:
    api.create(magnet(99), as_queued="true")
    sim.control.odd_row(KEY, hash_of(99), {"hash": 5}, endpoint="getqueued")
    assert api.queued()[0]["hash"] == 5
    sim.control.clear_faults()
    assert api.queued()[0]["hash"] == hash_of(99)


def test_another_account_is_told_the_truth(sim: Running) -> None:
    sim.control.seed(accounts=[{"key": "other"}], torrents=[{"key": "other", "hash": hash_of(1)}])
    sim.control.thin_list(KEY)
    assert len(Api(sim, "other").rows()) == 1


def test_clearing_faults_makes_lists_true_again(sim: Running, api: Api) -> None:
    sim.control.thin_list(KEY, times=99)
    sim.control.clear_faults()
    assert len(api.rows()) == 10


def test_nonsense_is_refused(sim: Running) -> None:
    with pytest.raises(Unsupported):
        sim.control.thin_list(KEY, endpoint="createtorrent")
    with pytest.raises(Unsupported):
        sim.control.thin_list(KEY, share=2)
    with pytest.raises(Unsupported):
        sim.control.odd_row(KEY, hash_of(1), {}, endpoint="createtorrent")
