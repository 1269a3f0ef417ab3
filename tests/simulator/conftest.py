from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from simulator.server import Running, start
from tests.simulator.support import KEY, NOON, Api


@pytest.fixture(scope="session")
def server() -> Iterator[Running]:
    with start(speed=0, now=NOON) as running:
        yield running


@pytest.fixture
def sim(server: Running) -> Running:
    """An empty world with one Essential account (three slots) and a clock that stands still."""
    server.control.reset("empty", now=NOON)
    server.control.freeze()
    server.control.seed(accounts=[{"key": KEY, "plan": "essential", "name": "ida"}])
    return server


@pytest.fixture
def api(sim: Running) -> Api:
    return Api(sim)


@pytest.fixture
def stranger(sim: Running) -> Callable[[str | None], Api]:
    return lambda key: Api(sim, key)
