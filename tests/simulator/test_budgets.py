from __future__ import annotations

from simulator.server import Running
from tests.simulator.support import KEY, Api, hash_of, magnet


def test_ten_uncached_creates_a_minute_then_429_with_headers(sim: Running, api: Api) -> None:
    assert [api.create(magnet(n)).status_code for n in range(10)] == [200] * 10
    refused = api.create(magnet(10))
    assert (refused.status_code, refused.json()) == (429, {"detail": "10 per 1 minute"})
    assert refused.headers["retry-after"] == refused.headers["x-ratelimit-reset"]
    sim.control.advance(61)
    assert api.create(magnet(10)).status_code == 200


def test_sixty_uncached_creates_an_hour_then_a_bare_429(sim: Running, api: Api) -> None:
    sim.control.options(create_per_minute=0, queue_max=100)
    last = [api.create(magnet(n)) for n in range(60)][-1]
    assert last.headers["x-ratelimit-remaining"] == "0"
    refused = api.create(magnet(60))
    assert (refused.status_code, refused.json()) == (429, {"detail": "60 per 1 hour"})
    assert not any(name.startswith("x-ratelimit") or name == "retry-after" for name in refused.headers)
    sim.control.advance(3601)
    assert api.create(magnet(60)).status_code == 200


def test_refused_calls_count(sim: Running, api: Api) -> None:
    for n in range(10):
        api.create(magnet(n))
    sim.control.advance(50)
    assert api.create(magnet(10)).status_code == 429
    for _ in range(9):
        api.create(magnet(10))
    sim.control.advance(20)
    assert api.create(magnet(10)).status_code == 429


def test_cached_creates_cost_nothing_of_the_hourly_budget(sim: Running, api: Api) -> None:
    sim.control.cache([hash_of(n) for n in range(70)])
    assert {api.create(magnet(n)).status_code for n in range(70)} == {200}
    assert api.create(magnet(99)).headers["x-ratelimit-remaining"] == "59"


def test_everything_else_has_300_a_minute_per_key_and_endpoint(sim: Running, api: Api) -> None:
    sim.control.seed(accounts=[{"key": "other"}])
    statuses = [api.get("torrents/mylist").status_code for _ in range(301)]
    assert statuses == [200] * 300 + [429]
    assert api.get("user/me").status_code == 200
    assert Api(sim, "other").get("torrents/mylist").status_code == 200
    sim.control.advance(61)
    assert api.get("torrents/mylist").status_code == 200


def test_calls_are_counted_per_key_endpoint_and_bypass(sim: Running, api: Api) -> None:
    sim.control.reset_calls()
    api.rows(bypass=True)
    api.rows(bypass=False)
    api.rows(bypass=False)
    counts = sim.control.calls()["counts"]
    assert counts == [
        {"key": KEY, "endpoint": "mylist", "bypass": False, "count": 2},
        {"key": KEY, "endpoint": "mylist", "bypass": True, "count": 1},
    ]
    assert sim.control.calls(last=1)["last"][0]["at"] == sim.control.now()
