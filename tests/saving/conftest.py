"""A folder on disk, and torrents at the simulated TorBox whose files can be saved."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from saving.aria2 import engine as aria2
from saving.aria2 import transfers
from saving.engine import patience, runner
from tests.saving.aria2_daemon import SECRET, Aria2Daemon
from torrents.models import Torrent
from torrents.services.sync import refreshing


@pytest.fixture(autouse=True)
def _saver_of_its_own() -> Iterator[None]:
    """Let each test begin with a saver that runs."""
    runner.start()
    yield
    runner.start()


@pytest.fixture
def at_torbox(sim, cast) -> Callable[..., Torrent]:
    """Put a torrent with these files on the account at TorBox, and read it."""

    def place(files: dict[str, int] | int, name: str = "An open film") -> Torrent:
        work = sim.control.make_work(name, files)
        sim.control.seed(torrents=[{"key": cast.key, "work": work, "state": "completed"}])
        cast.account.refresh_from_db()
        assert refreshing.refresh(cast.account, fresh=True)
        sim.control.reset_calls()
        return Torrent.objects.get(account=cast.account, info_hash=work.info_hash)

    return place


@pytest.fixture
def film(at_torbox) -> Torrent:
    """Return a torrent of one file."""
    return at_torbox({"film.mkv": 3_000_000}, "A film of one file")


@pytest.fixture
def hurry(monkeypatch) -> None:
    """Wait milliseconds where the engines wait seconds."""
    monkeypatch.setattr(patience, "MAX_PAUSE", 0.01)


@pytest.fixture(scope="module")
def daemon(tmp_path_factory) -> Iterator[Aria2Daemon]:
    """Return a real aria2."""
    made = Aria2Daemon(tmp_path_factory.mktemp("aria2"))
    yield made
    made.kill()


@pytest.fixture
def by_aria2(settings, monkeypatch, daemon, save_dir, hurry) -> None:
    """Let aria2 save everything."""
    settings.ARIA2_RPC_URL, settings.ARIA2_RPC_SECRET, settings.ARIA2_DIR = daemon.url, SECRET, ""
    monkeypatch.setitem(transfers.OPTIONS, "retry-wait", "0")
    monkeypatch.setattr(aria2, "POLL_SECONDS", 0.05)
