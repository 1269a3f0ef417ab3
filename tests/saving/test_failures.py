"""What errors of the file system mean for a job."""

from __future__ import annotations

import errno
import os

import pytest

from saving.engine.failures import Blocked, Failed, of_folder, of_os_error
from saving.models import Job
from torrents.saving_states import SavingState as State

Cause = Job.Cause
BLOCKED = {
    "ENOSPC": (State.DISK_FULL, Cause.FULL),
    "EDQUOT": (State.DISK_FULL, Cause.FULL),
    "EROFS": (State.DENIED, Cause.READ_ONLY),
    "EACCES": (State.DENIED, Cause.DENIED),
    "EPERM": (State.DENIED, Cause.DENIED),
    "ELOOP": (State.DENIED, Cause.DENIED),
    "ENOENT": (State.NO_FOLDER, Cause.MISSING),
    "EIO": (State.NO_FOLDER, Cause.MISSING),
    "ESTALE": (State.NO_FOLDER, Cause.MISSING),
    "EAGAIN": (State.WAITING, Cause.NONE),
}
FAILED = {
    "ENAMETOOLONG": Cause.NAME,
    "EINVAL": Cause.NAME,
    "EILSEQ": Cause.NAME,
    "EFBIG": Cause.TOO_LARGE,
}


def error_of(name: str) -> OSError:
    code = getattr(errno, name)
    return OSError(code, os.strerror(code))


@pytest.mark.parametrize("name", BLOCKED)
def test_a_job_waits_for_what_may_pass(name):
    found = of_os_error(error_of(name))
    assert isinstance(found, Blocked)
    assert (found.state, found.cause) == BLOCKED[name]
    assert found.retry_after == 30


@pytest.mark.parametrize("name", FAILED)
def test_a_job_fails_where_waiting_does_not_help(name):
    found = of_os_error(error_of(name))
    assert isinstance(found, Failed) and found.cause == FAILED[name]


def test_an_unknown_error_means_that_the_folder_is_away():
    found = of_os_error(OSError("odd"))
    assert isinstance(found, Blocked) and found.state == State.NO_FOLDER


@pytest.mark.parametrize(
    ("cause", "state"),
    [
        (Cause.MISSING, State.NO_FOLDER),
        (Cause.DENIED, State.DENIED),
        (Cause.READ_ONLY, State.DENIED),
        ("outside", State.DENIED),
    ],
)
def test_a_folder_that_cannot_be_used_is_waited_for(cause, state):
    found = of_folder(cause)
    assert found.state == state and found.cause in Cause.values
