"""Delete the partial files of jobs that were canceled or undone."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from functools import partial

from django.db import transaction

from ..engine import part_files
from ..models import JobFile
from ..slow_disks import within
from . import places


def delete_on_commit(files: Iterable[JobFile]) -> None:
    """Delete the partial files of these files, whose jobs and torrents are read already, once the transaction commits.

    What isn't deleted because the disk doesn't answer, or because a saver still writes to it, is pruned later.
    """
    by_path: dict[str, list[JobFile]] = {}
    for file in files:
        by_path.setdefault(file.job.path, []).append(file)
    for path, some in by_path.items():
        transaction.on_commit(partial(_delete, path, some))


def _delete(path: str, files: list[JobFile]) -> None:
    with suppress(TimeoutError):
        within(("leftovers", files[0].pk), partial(_remove_parts, path, files))


def _remove_parts(path: str, files: list[JobFile]) -> None:
    with suppress(OSError):
        root = places.inside(path)
        for file in files:
            with suppress(OSError):
                part_files.remove_part(root, file)
