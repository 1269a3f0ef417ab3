"""Unpack the archives among the files of a job."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import PurePosixPath
from typing import Any

from .. import unpacking
from ..models import Job
from .failures import Stopped
from .work import Work

MAX_NOTED = 2000  # files of a job


def unpack(work: Work, goes_on: Callable[[], bool]) -> dict[str, Any]:
    """Unpack each archive beside itself, or into a folder named after it if it lies in the household's folder itself.

    The archives stay. What comes out is noted on the job, so that it can be deleted with it. Return what went wrong with
    the first archive that couldn't be unpacked: `reason`, `file`. Raises `Stopped` when `goes_on` says no.
    """
    trouble: dict[str, Any] = {}
    found: list[unpacking.Unpacked] = []
    targets = list(work.job.files.values_list("target", flat=True))
    limits = partial(
        unpacking.Limits, room=lambda: _room(work), goes_on=goes_on, holds_claim=lambda: work.holds_claim
    )
    try:
        for archive in unpacking.archives(targets):
            if not goes_on():
                raise Stopped
            try:
                parts = unpacking.parts_of(archive, targets)
                found += unpacking.unpack(work.root, parts, _into(archive), limits())
            except unpacking.CannotUnpack as error:
                if error.reason == "stopped":
                    raise Stopped from None
                trouble = trouble or {"reason": error.reason, "file": PurePosixPath(archive).name}
            except OSError:
                trouble = trouble or {"reason": "disk", "file": PurePosixPath(archive).name}
    finally:
        _note(work.job, found)
    return trouble


def _note(job: Job, found: Iterable[unpacking.Unpacked]) -> None:
    """Note what came out, beside what came out before the job stopped.

    In a folder of the job's own, that includes what was there before a saver was killed.
    """
    ours = [(file.target, file.size) for file in found if file.is_new or job.base]
    if ours:
        before = Job.objects.filter(pk=job.pk).values_list("unpacked", flat=True).first() or []
        noted = dict.fromkeys([*map(tuple, before), *ours])
        Job.objects.filter(pk=job.pk).update(unpacked=list(noted)[:MAX_NOTED])


def _into(archive: str) -> str:
    path = PurePosixPath(archive)
    return str(path.parent) if path.parent.name else path.stem.rstrip(". ") or "archive"


def _room(work: Work) -> int:
    """Return how many bytes may be written without going below the folder's floor. Some shares don't know that."""
    found = os.statvfs(work.root)
    if not found.f_blocks:
        return sys.maxsize
    return max(0, found.f_bavail * found.f_frsize - work.job.folder.floor)
