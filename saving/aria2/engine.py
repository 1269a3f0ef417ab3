"""Have aria2 download the files of a job, and watch it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from torrents.models import Torrent

from ..models import JobFile


def is_configured() -> bool:
    """Return whether ARIA2_RPC_URL is set."""
    raise NotImplementedError


def download(
    torrent: Torrent,
    file: JobFile,
    root: Path,
    *,
    progress: Callable[[int], None],
    goes_on: Callable[[], bool],
) -> None:
    """Do what `engine.download.download` does, by aria2: its own gid, `continue`, `out`, and fresh addresses."""
    raise NotImplementedError


def test() -> None:
    """Have aria2 write a file into SAVE_DIR as it sees it, and read that here. Raises `Aria2Error`, `Unusable`."""
    raise NotImplementedError


def set_limit(limit: int) -> None:
    """Change aria2's speed limit in bytes/s, 0 for none."""
    raise NotImplementedError
