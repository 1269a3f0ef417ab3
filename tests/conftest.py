"""The cast, the simulated TorBox, and the clients that all tests share."""

from __future__ import annotations

import gc
import os
import time
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest
from django.core.cache import cache
from django.utils import timezone

import simulator.server
from localization import locales
from tests import factories
from tests.environment import DATA_DIR
from torrents import tag_counts

_numbers = count(1)


def pytest_collection_finish() -> None:
    """Exclude collected tests from garbage collection, because they stay until the end and checking them is slow."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix) -> None:
    """Use SQLite in a file. In memory, two threads get "table is locked" instead of waiting."""
    from django.conf import settings

    database = settings.DATABASES["default"]
    if "sqlite3" in database["ENGINE"]:
        suffix = os.environ.get("PYTEST_XDIST_WORKER", "")
        database.setdefault("TEST", {})["NAME"] = str(DATA_DIR / f"tests{suffix}.sqlite3")


@pytest.fixture(autouse=True)
def _speak_english() -> None:
    """Start in English and in the instance's time zone, because a thread keeps the language of its last request."""
    locales.activate("en")
    timezone.deactivate()


@pytest.fixture(autouse=True)
def _forget_tag_counts() -> None:
    """Forget numbers that belong to rows of another test, whose accounts have the same keys and revisions."""
    tag_counts.forget()


@pytest.fixture(autouse=True)
def _forget_what_the_cache_keeps(request: pytest.FixtureRequest) -> Iterator[None]:
    """Clear counters that would outlive a test: those in Redis, and those in the table after a test that commits.

    Other tests are rolled back with their rows of the table.
    """
    if os.environ["REDIS_URL"]:
        cache.clear()
    marker = request.node.get_closest_marker("django_db")
    commits = "transactional_db" in request.fixturenames or (marker and marker.kwargs.get("transaction"))
    if commits:
        request.getfixturevalue("db")  # so that it is still there when this one ends
    yield
    if commits:
        cache.clear()


@pytest.fixture(scope="session")
def running() -> Iterator[simulator.server.Running]:
    with simulator.server.start(scenario="empty") as running:
        yield running


@pytest.fixture
def sim(running: simulator.server.Running, settings) -> simulator.server.Running:
    """Reset the simulated TorBox: three empty accounts, the real time, running at normal speed."""
    running.restart()
    running.control.reset("empty", now=time.time())
    running.control.clear_faults()
    running.control.reset_calls()
    running.control.speed(1)
    settings.TORBOX_API_URL = running.url
    return running


@pytest.fixture
def key(sim: simulator.server.Running) -> str:
    """Return the key of a new TorBox account."""
    key = factories.make_key(f"test {next(_numbers)}")
    sim.control.seed(accounts=[{"key": key, "name": "family", "plan": "pro"}])
    return key


@pytest.fixture
def cast(db, key: str):
    return factories.make_cast(key)


@pytest.fixture
def sign_in(client) -> Callable[[object], object]:
    """Sign a person in and return their HTTP client."""

    def as_person(person):
        return factories.sign_in(client, person)

    return as_person


@pytest.fixture(scope="session", autouse=True)
def _quick() -> None:
    """Use quick hashes and uncollected static files, which otherwise take most of the time."""
    from django.conf import settings

    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": plain}


@pytest.fixture
def save_dir(settings, tmp_path) -> Path:
    """Switch saving on."""
    settings.SAVE_DIR = tmp_path / "save"
    settings.SAVE_DIR.mkdir()
    return settings.SAVE_DIR
