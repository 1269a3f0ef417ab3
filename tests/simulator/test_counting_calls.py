"""What a test can ask about the calls that were made: how many together, how many beyond a limit."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from simulator.server import Running
from tests.simulator.support import KEY, Api, magnet


def together(sim: Running, count: int) -> None:
    def ask(_: int) -> None:
        Api(sim).get("user/me")

    with ThreadPoolExecutor(count) as pool:
        list(pool.map(ask, range(count)))


def test_calls_that_wait_together_are_counted(sim: Running) -> None:
    sim.control.fail("me", kind="delay", delay=0.3, times=5)
    sim.control.reset_calls()
    together(sim, 5)
    assert sim.control.most_at_once(KEY) == sim.control.most_at_once() == 5
    assert sim.control.most_at_once("somebody else") == 0


def test_one_after_the_other_is_one_at_a_time(sim: Running, api: Api) -> None:
    sim.control.reset_calls()
    for _ in range(20):
        api.get("user/me")
        Api(sim).get("torrents/mylist")
    assert sim.control.most_at_once(KEY) == 1


def test_the_count_starts_anew(sim: Running) -> None:
    sim.control.fail("me", kind="delay", delay=0.3, times=3)
    together(sim, 3)
    sim.control.reset_calls()
    assert sim.control.most_at_once(KEY) == 0
    together(sim, 1)
    assert sim.control.most_at_once(KEY) == 1


def test_the_key_of_a_link_counts_too(sim: Running, api: Api) -> None:
    sim.control.reset_calls()
    Api(sim, None).get("torrents/requestdl", token=KEY, torrent_id=1)
    assert sim.control.most_at_once(KEY) == 1


def test_calls_beyond_a_limit_are_counted_by_key_and_endpoint(sim: Running, api: Api) -> None:
    sim.control.reset_calls()
    for _ in range(303):
        api.get("user/me")
    for n in range(12):
        api.create(magnet(n))
    assert sim.control.refused(KEY) == sim.control.refused() == 5
    assert sim.control.refused(KEY, "me") == 3
    assert sim.control.refused(endpoint="createtorrent") == 2
    assert sim.control.refused("somebody else") == 0
    sim.control.reset_calls()
    assert sim.control.refused() == 0


def test_a_planned_429_is_no_call_beyond_a_limit(sim: Running, api: Api) -> None:
    sim.control.reset_calls()
    sim.control.fail("me", kind="429")
    assert api.get("user/me").status_code == 429
    assert sim.control.refused() == 0
