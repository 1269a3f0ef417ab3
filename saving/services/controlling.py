"""Pause, resume, retry, cancel, and order jobs. Each function takes jobs that the person may control."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Max, Min, Q, QuerySet
from django.utils import timezone

from accounts.models import User
from accounts.transactions import in_transaction, lock_accounts
from torrents.saving_states import SavingState as State

from .. import schedule
from ..models import BLOCKED, Job, JobFile
from . import hints, leftovers, settings, showing

BATCH = 500  # jobs
QUEUED_AGAIN: dict[str, Any] = {
    "state": State.WAITING,
    "cause": Job.Cause.NONE,
    "cause_params": {},
    "upstream_detail": "",
    "retry_at": None,
    "attempts": 0,
    "unsent": 0,
    "speed": 0,
}


@in_transaction
def pause(*, person: User, jobs: Sequence[Job]) -> int:
    """Pause jobs, and return how many. A running one stops within seconds and keeps its partial files."""
    pausable = (State.WAITING, State.RUNNING, State.SCHEDULED, *BLOCKED)
    paused = QUEUED_AGAIN | {"state": State.PAUSED, "resumed": False, "resumed_by": None}
    return len(_change(_lock(jobs).filter(state__in=pausable), **paused))


@in_transaction
def resume(*, person: User, jobs: Sequence[Job]) -> int:
    """Let paused jobs go on, also while the schedule pauses, and return how many."""
    overrides = schedule.allowance(settings.current(), timezone.now()).paused_until is not None
    resumed = {"resumed": True, "resumed_by": person} if overrides else {}
    paused = _lock(jobs).filter(state__in=(State.PAUSED, State.SCHEDULED))
    return len(_change(paused, **QUEUED_AGAIN, **resumed))


@in_transaction
def retry(*, person: User, jobs: Sequence[Job]) -> int:
    """Try failed and waiting jobs again now, and return how many."""
    return len(requeue(jobs))


def requeue(jobs: Sequence[Job]) -> list[int]:
    """Queue failed and waiting jobs again, with the files that failed. Return their keys. Call this in a transaction."""
    keys = _change(_lock(jobs).filter(state__in=(State.FAILED, State.WAITING, *BLOCKED)), **QUEUED_AGAIN)
    JobFile.objects.filter(job__in=keys).failed().update(cause="", cause_params={})
    return keys


@in_transaction
def cancel(*, person: User | None, jobs: Sequence[Job], keep_partial: bool) -> int:
    """End jobs, and delete their partial files unless `keep_partial`. What is whole stays. Return how many.

    The row of a job that has saved files, or keeps partial ones, stays as long as that of a finished one: so that they
    are found, and gone on with, if the torrent is saved to the same folder again.
    """
    found = list(_lock(jobs))
    keys = [job.pk for job in found]
    left = JobFile.objects.filter(job__in=keys, done_at=None)
    if not keep_partial:
        leftovers.delete_on_commit(left.select_related("job__torrent"))
        left.delete()
    kept = set(JobFile.objects.filter(job__in=keys).order_by().values_list("job", flat=True).distinct())
    ended = {"state": State.PAUSED, "ended_at": timezone.now()}
    Job.objects.filter(pk__in=kept).update(**(QUEUED_AGAIN | ended))
    Job.objects.filter(pk__in=set(keys) - kept).delete()
    showing.show([job.torrent_id for job in found])
    return len(found)


def cancel_of_removed() -> int:
    """Cancel the jobs of people who were removed, some at a time, with their partial files. Return how many."""
    jobs = list(Job.objects.unfinished().filter(person=None)[:BATCH])
    return cancel(person=None, jobs=jobs, keep_partial=False) if jobs else 0


@in_transaction
def move(*, person: User, job: Job, to_front: bool) -> None:
    """Put a job at the front or the end of the queue."""
    others = Job.objects.unfinished()
    if to_front:
        place = (others.aggregate(first=Min("place"))["first"] or 0) - 1
    else:
        place = (others.aggregate(last=Max("place"))["last"] or 0) + 1
    _change(_lock([job]), place=place)


@in_transaction
def swap(*, person: User, job: Job, ahead: bool) -> None:
    """Let a job change places with the one before it in the queue, or with the one behind it."""
    mine = _lock([job]).first()
    if mine is None:
        return
    others = Job.objects.unfinished().exclude(pk=mine.pk)
    if ahead:
        beside = others.filter(Q(place__lt=mine.place) | Q(place=mine.place, pk__lt=mine.pk)).last()
    else:
        beside = others.filter(Q(place__gt=mine.place) | Q(place=mine.place, pk__gt=mine.pk)).first()
    if beside:
        for each, place in ((mine, beside.place), (beside, mine.place)):
            Job.objects.filter(pk=each.pk).update(place=place)
        showing.show([mine.torrent_id, beside.torrent_id])


def _lock(jobs: Sequence[Job]) -> QuerySet[Job]:
    """Lock the accounts of jobs, and return those that aren't over."""
    lock_accounts(job.account_id for job in jobs)
    return Job.objects.unfinished().filter(pk__in=[job.pk for job in jobs])


def _change(jobs: QuerySet[Job], **fields: Any) -> list[int]:
    """Write columns of jobs that are locked, show them, and hint the saver. Return their keys.

    Claims stay: a process that works on one notices, and ends its claim by itself.
    """
    found = dict(jobs.order_by("place", "pk").values_list("pk", "torrent"))
    if found:
        jobs.model._default_manager.filter(pk__in=found).update(**fields)
        showing.show(found.values())
        if fields.get("state") == State.WAITING:
            hints.hint_on_commit(list(found))
    return list(found)
