"""Whether there is room on a folder's disk."""

from __future__ import annotations

import os
from pathlib import Path

from torrents.saving_states import SavingState as State

from ..models import Folder, Job
from .failures import LOOK_AGAIN, Blocked, of_os_error


def check(folder: Folder, root: Path, needed: int = 0) -> None:
    """Raise `Blocked` if less than the folder's floor would be free after `needed` more bytes."""
    try:
        found = os.statvfs(root)
    except OSError as error:
        raise of_os_error(error) from None
    free = found.f_bavail * found.f_frsize
    # Some network file systems don't know their size.
    if found.f_blocks and free - needed < folder.floor:
        params = {"free": free, "floor": folder.floor, "needed": needed}
        raise Blocked(State.DISK_FULL, Job.Cause.FLOOR, params, retry_after=LOOK_AGAIN)
