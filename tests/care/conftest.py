from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest

from tests import servers
from tests.care.households import make_household
from tests.care.instances import Instance
from tests.factories import Cast
from tests.needs import lacking

_numbers = count(1)


@pytest.fixture(scope="session")
def postgres() -> Iterator[servers.Postgres]:
    try:
        server = servers.Postgres()
    except servers.Missing as missing:
        lacking(str(missing))
    with server:
        yield server


@pytest.fixture
def household() -> Cast:
    return make_household()


@pytest.fixture
def make_instance(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[..., Instance]:
    """Make an empty instance on `sqlite` or `postgres`, with its own secrets and an empty database."""

    def make(kind: str = "sqlite", **more: str) -> Instance:
        number = next(_numbers)
        data = tmp_path / f"instance{number}"
        data.mkdir(mode=0o700)
        if kind == "sqlite":
            return Instance(data, more=more)
        return Instance(data, request.getfixturevalue("postgres").create(f"instance{number}"), more)

    return make
