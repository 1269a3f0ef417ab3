"""Unpack the archives among the files of a job."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .. import unpacking
from .work import Work


def unpack(work: Work, goes_on: Callable[[], bool]) -> dict[str, Any]:
    """Unpack each archive beside itself, or into a folder named after it if it lies in the household's folder itself.

    The archives stay. Return what went wrong with the first one that couldn't be unpacked: `reason`, `file`.
    """
    trouble: dict[str, Any] = {}
    targets = {work.root / target for target in work.job.files.values_list("target", flat=True)}
    for archive in unpacking.archives(work.root / work.job.base):
        if archive not in targets or not goes_on():
            continue
        try:
            unpacking.unpack(archive, _into(work, archive), room=_room(work), goes_on=goes_on)
        except unpacking.CannotUnpack as error:
            trouble = trouble or {"reason": error.reason, "file": archive.name}
        except OSError:
            trouble = trouble or {"reason": "disk", "file": archive.name}
    return trouble


def _into(work: Work, archive: Path) -> Path:
    return archive.parent if work.job.base else archive.with_suffix("")


def _room(work: Work) -> int:
    """Return how many bytes may be written without going below the folder's floor."""
    found = os.statvfs(work.root)
    return max(0, found.f_bavail * found.f_frsize - work.job.folder.floor)
