"""Download one file over HTTP, from where its partial file ends."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from torrents.models import Torrent

from ..models import JobFile
from .throttle import Throttle


class Stopped(Exception):
    """The job was paused or canceled, or this process is asked to stop."""


def download(
    torrent: Torrent,
    file: JobFile,
    root: Path,
    *,
    throttle: Throttle,
    progress: Callable[[int], None],
    goes_on: Callable[[], bool],
) -> None:
    """Bring the partial file to its full size, with fresh addresses as often as needed, and finish it.

    `progress` gets the bytes so far. Raises `Stopped` when `goes_on` says no, and `failures.Blocked` or `failures.Failed`.
    """
    raise NotImplementedError
