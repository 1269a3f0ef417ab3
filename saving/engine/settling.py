"""Write what became of a job once its last thread has left it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import PurePosixPath

from django.db import Error
from django.utils import timezone

from accounts.store_errors import is_refusal, reason_of
from torrents.saving_states import SavingState as State

from ..models import Job, JobFile
from ..services import claims, ending, showing
from . import archives
from .failures import Blocked, Failed, Stopped, of_os_error
from .work import Work

logger = logging.getLogger(__name__)
AGAIN, MOST_DOUBLINGS = 60.0, 4  # seconds until TorBox is asked again, and how often they are doubled
MAX_UNSENT = (
    270  # times that TorBox gives addresses, and nothing comes; at this pace, that is about three days
)
AFTER_ERROR = 60.0
MAX_NAME = 255  # characters


def settle(work: Work, *, is_stopping: bool, goes_on: Callable[[], bool]) -> None:
    """End the claim. The job is saved, failed, waits for something, or goes on later."""
    reason, job = work.ending, work.job
    if isinstance(reason, OSError):
        reason = of_os_error(reason)
    if isinstance(reason, Failed):
        _fail(work, reason)
    elif isinstance(reason, Blocked):
        _block(work, reason)
    elif isinstance(reason, Stopped) and not is_stopping:
        claims.release(job)
        showing.show([job.torrent_id])
    elif reason is not None and not isinstance(reason, Stopped):
        _log(reason)
        _block(work, Blocked(State.WAITING, retry_after=AFTER_ERROR))
    elif JobFile.objects.filter(job=job).undone().exists():
        _leave_undone(work)
    else:
        _finish(work, goes_on)


def _log(error: Exception) -> None:
    if isinstance(error, Error) and is_refusal(error):
        cause = {"cause": f"saving {reason_of(error)}"}
        logger.warning("Saving stopped. The database isn't working (%s).", reason_of(error), extra=cause)
    else:
        logger.error("Saving a job failed unexpectedly.", exc_info=error)


def _finish(work: Work, goes_on: Callable[[], bool]) -> None:
    """Unpack what has come, and note that the job is saved."""
    try:
        trouble = archives.unpack(work, goes_on) if work.job.folder.unpacks and work.is_prepared else {}
    except Stopped:
        _leave_undone(work)
        return
    if goes_on():
        ending.saved(work.job, cause=Job.Cause.UNPACK if trouble else "", params=trouble)
    else:
        _leave_undone(work)


def _leave_undone(work: Work) -> None:
    """Let the job wait for what can't be had now, or else fail for what can't be had at all, or go on later."""
    if work.ending is None and not work.has_more():
        if reasons := [*work.set_aside, *([work.lacking] if work.lacking else [])]:
            longest = max(one.retry_after for one in reasons)
            is_unsent = all(one.is_unsent for one in reasons)
            _block(work, replace(reasons[0], retry_after=longest, is_unsent=is_unsent))
            return
        if file := JobFile.objects.filter(job=work.job).failed().first():
            _fail(work, Failed(file.cause, file.cause_params))
            return
    claims.release(work.job, state=State.WAITING, bytes_done=work.bytes_done, retry_at=None)
    showing.show([work.job.torrent_id])


def _fail(work: Work, failure: Failed) -> None:
    """End the job until someone tries it again. `files`: how many of them failed, if it isn't about the whole job."""
    files = JobFile.objects.filter(job=work.job).failed().count()
    params = {"files": files, **failure.params} if files else failure.params
    ending.failed(work.job, failure.cause, params, failure.upstream_detail, work.bytes_done)


def _block(work: Work, blocked: Blocked) -> None:
    """Let the job wait, longer each time if TorBox gives nothing. If it never does, the job fails."""
    job, wait = work.job, blocked.retry_after
    attempts, unsent = (0, 0) if work.has_progressed else (job.attempts, job.unsent)
    if blocked.cause == Job.Cause.TORBOX:
        wait = max(wait, AGAIN * 2 ** min(attempts, MOST_DOUBLINGS))
        attempts += 1
        unsent += blocked.is_unsent
        blocked.params = _missing(job)
    if unsent >= MAX_UNSENT:
        _fail(work, Failed(blocked.cause, blocked.params))
        return
    was = job.state, job.cause
    fields = {
        "state": blocked.state,
        "cause": blocked.cause,
        "cause_params": blocked.params,
        "bytes_done": work.bytes_done,
        "attempts": attempts,
        "unsent": unsent,
        "retry_at": timezone.now() + timedelta(seconds=wait),
    }
    claims.release(job, **fields)
    if was != (blocked.state, blocked.cause):
        showing.show([job.torrent_id])


def _missing(job: Job) -> dict[str, object]:
    """Return how many files TorBox doesn't send, and one of them, if it sent others."""
    files = JobFile.objects.filter(job=job)
    left = files.to_do()
    if left.filter(tried_at=None).exists() or not files.exclude(done_at=None).exists():
        return {}
    return {"missing": left.count(), "file": PurePosixPath(left[0].path).name[:MAX_NAME]}
