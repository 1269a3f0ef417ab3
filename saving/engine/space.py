"""Whether there is room on a folder's disk."""

from __future__ import annotations

import os
import threading
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path

from torrents.saving_states import SavingState as State

from ..models import Folder, Job, JobFile
from .failures import LOOK_AGAIN, Blocked, of_os_error


@dataclass
class NoRoom(Blocked):
    """A file doesn't fit, but a smaller one may. `params`: needed with the others, and floor with it. `left`: of this file.

    All in bytes.
    """

    left: int = 0


def check(folder: Folder, root: Path, left: int = 0, others: int = 0) -> None:
    """Raise `Blocked` if less than the folder's floor is free, and `NoRoom` if it would be after `left` more bytes.

    `others`: the bytes that come besides.
    """
    free, needed = _free(root), left + others
    if free is None or free - needed >= folder.floor:
        return
    about = State.DISK_FULL, Job.Cause.FLOOR
    if free < folder.floor:
        raise Blocked(*about, {"free": free, "floor": folder.floor, "needed": 0}, retry_after=LOOK_AGAIN)
    params = {"free": free, "floor": folder.floor + needed, "needed": needed}
    raise NoRoom(*about, params, retry_after=LOOK_AGAIN, left=left)


def _free(root: Path) -> int | None:
    """Return the free bytes. None for a network file system that doesn't know its size."""
    try:
        found = os.statvfs(root)
    except OSError as error:
        raise of_os_error(error) from None
    return found.f_bavail * found.f_frsize if found.f_blocks else None


class Needs:
    """How many bytes the files that are being saved still need, so that two don't begin where only one fits."""

    def __init__(self) -> None:
        self._by_file: dict[int, tuple[int, int]] = {}
        self._lock = threading.Lock()

    def note(self, file: JobFile, size: int) -> None:
        """Note that a file still needs so many bytes."""
        with self._lock:
            self._by_file[file.pk] = file.folder_id, size

    def forget(self, file: JobFile) -> None:
        """Note that nobody saves a file any more."""
        with self._lock:
            self._by_file.pop(file.pk, None)

    def of_others(self, file: JobFile) -> int:
        """Return what other files need in the same folder, as far as they were noted before this one.

        So of two that are about to begin, the first one may.
        """
        with self._lock:
            before = takewhile(lambda noted: noted[0] != file.pk, self._by_file.items())
            return sum(size for _, (folder, size) in before if folder == file.folder_id)
