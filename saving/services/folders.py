"""The folders below SAVE_DIR: make, change, and remove them, and look at their space."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from accounts.models import User

from ..models import Folder, Job


class Unusable(Exception):
    """A folder can't be used. `cause` is one of `Job.Cause`."""

    def __init__(self, cause: str) -> None:
        super().__init__(cause)
        self.cause = cause


@dataclass(frozen=True)
class Space:
    """The space of a file system, in bytes. `cause`: why the folder can't be used, "" if it can."""

    free: int = 0
    total: int = 0
    cause: str = Job.Cause.NONE


def is_on() -> bool:
    """Return whether SAVE_DIR is set."""
    raise NotImplementedError


def where(folder: Folder) -> Path:
    """Return the folder's real path, which lies inside SAVE_DIR. Raises `Unusable`."""
    raise NotImplementedError


def space(folder: Folder) -> Space:
    """Return the space where a folder is. Takes at most two seconds, also for a share that doesn't answer."""
    raise NotImplementedError


def check(folder: Folder) -> None:
    """Write a file, read it, and delete it. Raises `Unusable`."""
    raise NotImplementedError


def add(*, owner: User, **fields: Any) -> Folder:
    """Make a folder, on disk too if it isn't there. Raises `Unusable`."""
    raise NotImplementedError


def change(folder: Folder, **fields: Any) -> Folder:
    """Change name, path, floor, people, or what happens afterwards. Raises `Unusable`."""
    raise NotImplementedError


def remove(folder: Folder) -> None:
    """Remove a folder here, with its unfinished jobs and rules. Files on disk stay."""
    raise NotImplementedError
