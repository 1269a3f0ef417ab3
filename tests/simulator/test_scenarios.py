from __future__ import annotations

import time

from simulator.scenarios import DEMO_KEYS, DEMO_MAGNETS
from simulator.server import Running
from tests.simulator.support import Api


def world(sim: Running, name: str, who: str = "mara", **settings: int) -> Api:
    sim.control.reset(name, **settings)
    return Api(sim, DEMO_KEYS[who])


def test_the_demo_story_works_in_empty_and_household(sim: Running) -> None:
    for name in ("empty", "household"):
        api = world(sim, name)
        ids = [api.create(link).json()["data"]["torrent_id"] for link in DEMO_MAGNETS.values()]
        assert [api.row(id_)["download_state"] for id_ in ids] == ["cached", "metaDL", "metaDL"]
        sim.control.advance(15)
        assert all(0 < api.row(id_)["progress"] < 1 for id_ in ids[1:])
        sim.control.advance(100)
        assert all(api.row(id_)["download_present"] for id_ in ids)


def test_the_household_has_a_row_in_every_state(sim: Running) -> None:
    rows = world(sim, "household").rows() + world(sim, "household", "jon").rows()
    states = {row["download_state"].partition(" (")[0] for row in rows}
    assert states == {
        "metaDL", "downloading", "uploading", "stalled", "completed", "cached", "paused", "failed", "expired",
    }  # fmt: skip
    assert 28 <= len(rows) <= 32
    assert world(sim, "household", "spare").rows() == []


def test_the_household_knows_two_plans_and_never_uses_more_slots_than_there_are(sim: Running) -> None:
    assert [
        world(sim, "household", who).get("user/me").json()["data"]["plan"] for who in ("mara", "jon")
    ] == [2, 1]
    accounts = sim.control.state()["accounts"]
    assert all(account["active"] <= account["slots"] for account in accounts)


def test_busy_is_full_and_its_queue_moves(sim: Running) -> None:
    api = world(sim, "busy")
    assert (sum(row["active"] for row in api.rows()), len(api.queued())) == (12, 60)
    sim.control.advance(300)
    assert len(api.queued()) < 60
    assert sum(row["active"] for row in api.rows()) == 12


def test_thousands_are_built_and_listed_quickly(sim: Running) -> None:
    started = time.monotonic()
    api = world(sim, "thousands", count=3000, files=8)
    pages = [api.rows(offset=offset) for offset in (0, 1000, 2000, 3000)]
    assert [len(page) for page in pages] == [1000, 1000, 1000, 0]
    assert len({row["hash"] for page in pages for row in page}) == 3000
    assert max(len(row["files"]) for row in pages[0]) <= 8
    assert time.monotonic() - started < 10
