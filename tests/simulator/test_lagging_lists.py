"""Lists that were asked for afresh and still show a while ago."""

from __future__ import annotations

import pytest

from simulator.server import Running
from tests.simulator.support import KEY, Api, hash_of, magnet


@pytest.fixture(autouse=True)
def _lagging(sim: Running) -> None:
    sim.control.options(fresh_lag_seconds=60, meta_seconds=0, download_seconds=1000, queue_seconds=30)


def test_a_new_torrent_is_in_a_fresh_list_only_after_the_lag(sim: Running, api: Api) -> None:
    api.create(magnet(1))
    sim.control.advance(59)
    assert api.rows() == []
    sim.control.advance(1)
    assert len(api.rows()) == 1


def test_asked_for_by_its_id_it_is_there_at_once(sim: Running, api: Api) -> None:
    id_ = api.create(magnet(1)).json()["data"]["torrent_id"]
    assert api.row(id_)["id"] == id_ and api.rows() == []


def test_a_deleted_torrent_stays_in_the_list_for_the_lag(sim: Running, api: Api) -> None:
    id_ = api.create(magnet(1)).json()["data"]["torrent_id"]
    sim.control.advance(100)
    api.control(id_, "delete")
    sim.control.advance(59)
    assert len(api.rows()) == 1
    sim.control.advance(1)
    assert api.rows() == []


def test_what_is_listed_looks_as_it_did_then(sim: Running, api: Api) -> None:
    api.create(magnet(1))
    sim.control.advance(260)
    assert api.rows()[0]["progress"] == 0.2


def test_the_queue_lags_too_so_that_what_starts_is_seen_in_neither_or_in_the_old_place(
    sim: Running, api: Api
) -> None:
    api.create(magnet(1), as_queued="true")
    assert (len(api.queued()), len(api.rows())) == (0, 0)
    sim.control.advance(60)
    assert (len(api.queued()), len(api.rows())) == (1, 0)
    sim.control.advance(60)
    assert (len(api.queued()), len(api.rows())) == (0, 1)


def test_an_old_list_is_as_old_as_ever_and_lags_besides(sim: Running, api: Api) -> None:
    assert api.rows(bypass=False) == []
    api.create(magnet(1))
    sim.control.advance(600)
    assert len(api.rows(bypass=False)) == 1
    api.create(magnet(2))
    sim.control.advance(599)
    assert len(api.rows(bypass=False)) == 1


def test_what_was_there_when_the_lag_began_is_listed(sim: Running, api: Api) -> None:
    sim.control.options(fresh_lag_seconds=0)
    sim.control.seed(torrents=[{"key": KEY, "hash": hash_of(3)}])
    sim.control.options(fresh_lag_seconds=60)
    assert len(api.rows()) == 1


def test_without_the_lag_everything_is_there_at_once_again(sim: Running, api: Api) -> None:
    api.create(magnet(1))
    sim.control.options(fresh_lag_seconds=0)
    assert len(api.rows()) == 1
