"""Claims of jobs, so that two savers never work on the same one."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta

from django.db.models import Q
from django.utils import timezone

from accounts.deadlines import passed
from torrents.saving_states import SavingState as State

from .. import schedule
from ..models import BLOCKED, Job, JobQuerySet
from . import settings, showing

CLAIM = timedelta(seconds=60)  # renewed while a job runs; that of a process that died ends
LONGEST_WAIT = timedelta(days=2)  # until a job is tried again
HINTS = 8  # jobs that are queued at a time


def claim(job_id: int, by: str) -> Job | None:
    """Return a due job that no other process works on, claimed for CLAIM, or None."""
    if not _free(_due()).filter(pk=job_id).update(claim=by, claimed_until=timezone.now() + CLAIM):
        return None
    rows = Job.objects.select_related("torrent__account", "folder", "person")
    return rows.filter(pk=job_id, claim=by).first()


def begin(job: Job) -> bool:
    """Note that the first bytes are about to come. Return False if the job is no longer ours, or was paused."""
    fields: dict[str, object] = {
        "state": State.RUNNING,
        "cause": "",
        "cause_params": {},
        "retry_at": None,
        "speed": 0,
    }
    return _write(job, _mine(job).filter(pk__in=Job.objects.due().values("pk")), fields)


def renew(job: Job, **progress: object) -> bool:
    """Extend the claim, and write progress. Return False if another process has it, or if the job was paused, canceled,
    or deleted."""
    fields = {"claimed_until": timezone.now() + CLAIM, **progress}
    return _write(job, _mine(job).filter(state=State.RUNNING), fields)


def release(job: Job, **fields: object) -> bool:
    """End the claim and write what became of the job, if the claim is still ours.

    If the job was paused in the meantime, or queued again, only the claim ends. Return whether `fields` were written.
    """
    free: dict[str, object] = {"claim": "", "claimed_until": None, "speed": 0}
    unchanged = _mine(job).filter(state=job.state)
    if fields and _write(job, unchanged, {**free, **fields}):
        return True
    _mine(job).update(**free)
    return False


def due_ids(leave_out: Collection[int] = ()) -> list[int]:
    """Return the next jobs that a saver should take now, in the order of the queue.

    Those that run are among them, since several files of one job can be saved at the same time.
    """
    running = Q(state=State.RUNNING, claimed_until__gt=timezone.now())
    due = _due().filter(running | _unclaimed()).exclude(pk__in=leave_out)
    return list(due.values_list("pk", flat=True)[:HINTS])


def is_someone_ahead(job: Job) -> bool:
    """Return whether a job further ahead in the queue could begin, as far as we know.

    That is also one whose disk or folder is to be looked at again, which takes no time. What TorBox didn't send isn't
    among them.
    """
    ahead = Q(place__lt=job.place) | Q(place=job.place, pk__lt=job.pk)
    ready = Q(state=State.WAITING, cause="") | Q(state__in=BLOCKED)
    return _free(_due()).filter(ahead, ready).exists()


def follow_schedule() -> None:
    """Show jobs as paused while the schedule pauses, and let them go on afterwards.

    What a saver left behind that died is shown as waiting.
    """
    paused_until = schedule.allowance(settings.current(), timezone.now()).paused_until
    jobs = Job.objects.unfinished()
    if paused_until:
        stopped = _free(jobs.filter(state__in=[State.WAITING, State.RUNNING], resumed=False))
        _move(stopped, State.SCHEDULED, retry_at=paused_until)
        jobs = jobs.filter(resumed=True)
    _move(jobs.filter(state=State.SCHEDULED), State.WAITING, retry_at=None)
    _move(_free(jobs.filter(state=State.RUNNING)), State.WAITING, retry_at=None)


def _move(jobs: JobQuerySet, state: str, **fields: object) -> None:
    found = dict(jobs.values_list("pk", "torrent"))
    if found:
        moved = Job.objects.filter(pk__in=found, state__in=[State.WAITING, State.RUNNING, State.SCHEDULED])
        moved.exclude(state=state).update(state=state, speed=0, **fields)
        showing.show(set(found.values()))


def _due() -> JobQuerySet:
    """Return the jobs that may be taken now, in the order of the queue."""
    now = timezone.now()
    due = (
        Job.objects.due()
        .exclude(person=None)
        .filter(Q(retry_at=None) | passed("retry_at", LONGEST_WAIT, now))
    )
    if schedule.allowance(settings.current(), now).paused_until:
        return due.filter(resumed=True)
    return due


def _free(jobs: JobQuerySet) -> JobQuerySet:
    return jobs.filter(_unclaimed())


def _unclaimed() -> Q:
    return Q(claim="") | Q(claimed_until=None) | passed("claimed_until", CLAIM, timezone.now())


def _mine(job: Job) -> JobQuerySet:
    return Job.objects.filter(pk=job.pk, claim=job.claim).exclude(claim="")


def _write(job: Job, jobs: JobQuerySet, fields: dict[str, object]) -> bool:
    """Write columns if a row is there, also of the object."""
    if not jobs.update(**fields):
        return False
    for name, value in fields.items():
        setattr(job, name, value)
    return True
