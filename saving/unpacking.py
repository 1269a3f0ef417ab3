"""Unpack archives after saving, without leaving the folder and without filling the disk."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path


class CannotUnpack(Exception):
    """An archive is damaged, encrypted, too large unpacked, or leads outside of its folder. `reason` is a code."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def is_available() -> bool:
    """Return whether archives can be unpacked on this server."""
    return shutil.which("bsdtar") is not None


def archives(folder: Path) -> list[Path]:
    """Return the archives in a folder: zip, 7z, and the first part of each rar."""
    raise NotImplementedError


def unpack(archive: Path, into: Path, *, room: int, goes_on: Callable[[], bool]) -> int:
    """Unpack an archive, at most `room` bytes, and return how many files it held. All or nothing. Raises `CannotUnpack`."""
    raise NotImplementedError
