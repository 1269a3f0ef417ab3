"""Unpack the archives among the files of a job."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import PurePosixPath
from typing import Any

from .. import unpacking
from .failures import Stopped
from .work import Work


def unpack(work: Work, goes_on: Callable[[], bool]) -> dict[str, Any]:
    """Unpack each archive beside itself, or into a folder named after it if it lies in the household's folder itself.

    The archives stay. Return what went wrong with the first one that couldn't be unpacked: `reason`, `file`. Raises
    `Stopped` when `goes_on` says no.
    """
    trouble: dict[str, Any] = {}
    targets = list(work.job.files.values_list("target", flat=True))
    for archive in unpacking.archives(targets):
        if not goes_on():
            raise Stopped
        limits = unpacking.Limits(
            room=lambda: _room(work), goes_on=goes_on, holds_claim=lambda: work.holds_claim
        )
        try:
            unpacking.unpack(work.root, unpacking.parts_of(archive, targets), _into(archive), limits)
        except unpacking.CannotUnpack as error:
            if error.reason == "stopped":
                raise Stopped from None
            trouble = trouble or {"reason": error.reason, "file": PurePosixPath(archive).name}
        except OSError:
            trouble = trouble or {"reason": "disk", "file": PurePosixPath(archive).name}
    return trouble


def _into(archive: str) -> str:
    path = PurePosixPath(archive)
    return str(path.parent) if path.parent.name else path.stem.rstrip(". ") or "archive"


def _room(work: Work) -> int:
    """Return how many bytes may be written without going below the folder's floor. Some shares don't know that."""
    found = os.statvfs(work.root)
    if not found.f_blocks:
        return sys.maxsize
    return max(0, found.f_bavail * found.f_frsize - work.job.folder.floor)
