"""The cast, the simulated TorBox and the clients that every test shares."""

from __future__ import annotations

import gc
import os
import time
from collections.abc import Callable, Iterator
from itertools import count

import pytest
from django.core.cache import cache

import simulator.server
from tests import factories
from tests.environment import DATA_DIR

_numbers = count(1)


def pytest_collection_finish() -> None:
    """What has been collected stays until the end: looking through it again and again for garbage takes a while."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix) -> None:
    """SQLite in a file, as in life: in memory, two threads get "table is locked" instead of waiting their turn."""
    from django.conf import settings

    database = settings.DATABASES["default"]
    if "sqlite3" in database["ENGINE"]:
        suffix = os.environ.get("PYTEST_XDIST_WORKER", "")
        database.setdefault("TEST", {})["NAME"] = str(DATA_DIR / f"tests{suffix}.sqlite3")


@pytest.fixture(autouse=True)
def _forget_what_redis_keeps() -> None:
    """The counters of an earlier test. A cache in the database forgets them with the rest of it."""
    if os.environ["REDIS_URL"]:
        cache.clear()


@pytest.fixture(scope="session")
def running() -> Iterator[simulator.server.Running]:
    with simulator.server.start(scenario="empty") as running:
        yield running


@pytest.fixture
def sim(running: simulator.server.Running, settings) -> simulator.server.Running:
    """A TorBox in its first state: three accounts, nothing on them, the time of day, running as ours does."""
    running.restart()
    running.control.reset("empty", now=time.time())
    running.control.clear_faults()
    running.control.reset_calls()
    running.control.speed(1)
    settings.TORBOX_API_URL = running.url
    return running


@pytest.fixture
def key(sim: simulator.server.Running) -> str:
    """A TorBox account of its own for each test."""
    key = factories.make_key(f"test {next(_numbers)}")
    sim.control.seed(accounts=[{"key": key, "name": "family", "plan": "pro"}])
    return key


@pytest.fixture
def cast(db, key: str):
    return factories.make_cast(key)


@pytest.fixture
def sign_in(client) -> Callable[[object], object]:
    """The HTTP client, in which somebody has just signed in."""

    def as_person(person):
        return factories.sign_in(client, person)

    return as_person


@pytest.fixture(scope="session", autouse=True)
def _quick() -> None:
    """Well hashed passwords and collected static files take longer than everything else in the suite."""
    from django.conf import settings

    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": plain}
