"""A folder on disk, and torrents at the simulated TorBox whose files can be saved."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from saving.engine import runner
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
