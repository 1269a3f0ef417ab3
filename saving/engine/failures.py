"""What can go wrong while saving, as states and causes of a job."""

from __future__ import annotations

import errno
from dataclasses import dataclass, field
from typing import Any

from torrents.saving_states import SavingState as State

from ..models import Job

Cause = Job.Cause
LOOK_AGAIN = 30.0  # seconds until a disk or folder is looked at again
NOT_THERE = {
    errno.ENOENT, errno.ENODEV, errno.ENXIO, errno.EIO, errno.ESTALE, errno.ENOTCONN, errno.EHOSTDOWN,
    errno.EHOSTUNREACH, errno.ETIMEDOUT, errno.ENETDOWN, errno.ENETUNREACH, errno.ESHUTDOWN,
}  # fmt: skip
# ELOOP and ENOTDIR: there is a symbolic link or a file where a folder should be.
REFUSED = {errno.EACCES, errno.EPERM, errno.ELOOP, errno.ENOTDIR}
NOT_NAMES = {errno.ENAMETOOLONG, errno.EINVAL, errno.EILSEQ, errno.EISDIR, errno.EEXIST, errno.ENOTEMPTY}
BUSY = {errno.EAGAIN, errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.EBUSY, errno.ETXTBSY}


class Stopped(Exception):
    """The job was paused or canceled, another process has it, or this process is asked to stop."""


@dataclass
class Blocked(Exception):
    """The job waits: for space, a folder, hours, or TorBox. It is tried again by itself after `retry_after` seconds.

    `is_unsent`: TorBox gave addresses, but nothing came from them.
    """

    state: str
    cause: str = Job.Cause.NONE
    params: dict[str, Any] = field(default_factory=dict)
    retry_after: float = 60
    is_unsent: bool = False


@dataclass
class Failed(Exception):
    """The job ends, until someone tries it again."""

    cause: str
    params: dict[str, Any] = field(default_factory=dict)
    upstream_detail: str = ""


def of_os_error(error: OSError) -> Blocked | Failed:
    """Return what an error of the file system means: full, a quota, read-only, no permission, gone, or a wrong name."""
    code = error.errno or 0
    if code in (errno.ENOSPC, errno.EDQUOT):
        return Blocked(State.DISK_FULL, Cause.FULL, retry_after=LOOK_AGAIN)
    if code == errno.EROFS:
        return Blocked(State.DENIED, Cause.READ_ONLY, retry_after=LOOK_AGAIN)
    if code in REFUSED:
        return Blocked(State.DENIED, Cause.DENIED, retry_after=LOOK_AGAIN)
    if code == errno.EFBIG:
        return Failed(Cause.TOO_LARGE)
    if code in NOT_NAMES:
        return Failed(Cause.NAME)
    if code in BUSY:
        return Blocked(State.WAITING, retry_after=LOOK_AGAIN)
    return Blocked(State.NO_FOLDER, Cause.MISSING, retry_after=LOOK_AGAIN)


def of_folder(cause: str) -> Blocked:
    """Return what it means for a job that its folder can't be used, for one of the causes of `folders.Unusable`."""
    if cause == Cause.READ_ONLY:
        return Blocked(State.DENIED, cause, retry_after=LOOK_AGAIN)
    if cause in (Cause.FULL, Cause.MISSING):
        return Blocked(State.NO_FOLDER, Cause.MISSING, retry_after=LOOK_AGAIN)
    return Blocked(State.DENIED, Cause.DENIED, retry_after=LOOK_AGAIN)  # also if it leads outside of SAVE_DIR
