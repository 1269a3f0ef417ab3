"""The app as people install it: gunicorn with the lines of the Procfile, on the database of the test."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests
from django.db import connection

from links.services import checks
from links.services.opening import Opened
from tests.links.factories import make_share
from tests.servers import free_port
from torrents.models import Torrent
from torrents.services.sync import refreshing

ROOT = Path(__file__).parents[2]
STARTS_WITHIN = 60.0  # seconds, on a busy machine


@dataclass
class Site:
    """The app behind a real server."""

    url: str
    log: Path


@pytest.fixture(autouse=True)
def _ask_every_server() -> None:
    """Forget servers that didn't answer in another test."""
    checks.forget_skipped()


@pytest.fixture
def at_torbox(sim, cast) -> Callable[..., Torrent]:
    """Put a torrent with these files on the account at TorBox, and read it."""

    def place(files: dict[str, int], name: str = "An open film", state: str = "completed") -> Torrent:
        work = sim.control.make_work(name, files)
        sim.control.seed(torrents=[{"key": cast.key, "work": work, "state": state}])
        cast.account.refresh_from_db()
        assert refreshing.refresh(cast.account, fresh=True)
        sim.control.reset_calls()
        return Torrent.objects.get(account=cast.account, info_hash=work.info_hash)

    return place


@pytest.fixture
def film(at_torbox, cast) -> Opened:
    """Return a link to a torrent with a single large file."""
    return make_share(cast.member, at_torbox({"film.mkv": 6_000_000}))


@pytest.fixture
def site(server, settings) -> Site:
    """Return the app behind a real server, which the links of the test lead to. Its test must commit."""
    settings.SITE_ORIGIN = server.url
    return server


@pytest.fixture(scope="module")
def server(running, django_db_setup, django_db_blocker) -> Iterator[Site]:
    """Start gunicorn, with the simulator as TorBox."""
    with django_db_blocker.unblock():
        database = _database_url()
    folder = Path(tempfile.mkdtemp(prefix="torbox-web-links-"))
    site = Site(f"http://127.0.0.1:{free_port()}", folder / "log")
    command = (ROOT / "Procfile").read_text().splitlines()[0].removeprefix("web: ").split()
    words = ["/tmp" if word == "${TMPDIR:-/tmp}" else word for word in command]
    env = os.environ | {
        "DATABASE_URL": database,
        "TORBOX_API_URL": running.url,
        "BIND": "127.0.0.1",
        "PORT": site.url.rpartition(":")[2],
        "SITE_URL": site.url,
        "LOG_LEVEL": "WARNING",
        "DJANGO_SETTINGS_MODULE": "tests.quick_settings",
    }
    with site.log.open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", *words], env=env, cwd=ROOT, stdout=log, stderr=log, start_new_session=True
        )
    try:
        _wait_for(site, process)
        yield site
    finally:
        process.terminate()
        process.wait(20)
        shutil.rmtree(folder, ignore_errors=True)


def _database_url() -> str:
    """Return the database that the tests of this process use."""
    known = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{known['NAME']}"
    return f"postgres://{known['USER']}:{known['PASSWORD']}@{known['HOST']}:{known['PORT']}/{known['NAME']}"


def _wait_for(site: Site, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if requests.get(f"{site.url}/health/live", timeout=5).ok:
                return
        except requests.RequestException:
            time.sleep(0.1)
    pytest.fail(f"The app did not start:\n{site.log.read_text()[-3000:]}")
