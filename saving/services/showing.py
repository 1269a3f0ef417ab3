"""Write on torrents what the list says about saving them (`Torrent.saving`)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import islice
from typing import Any

from django.db.models import Count, F, Q
from django.utils import timezone

from accounts.transactions import in_transaction, lock_accounts
from torrents.models import Torrent
from torrents.models.writing import write_columns
from torrents.saving_states import ORDER, RANK_STEP
from torrents.saving_states import SavingState as State

from ..models import Job, JobFile

SHOWN_EVERY = 3.0  # seconds between two writes of a running job's progress
BATCH = 500
COLUMNS = ("saving", "saving_params", "saving_rank")
FOR_PEOPLE = (Job.Cause.KEY, Job.Cause.SUSPENDED)  # what a job waits for; when we look again says nothing
SHOWN_PARAMS: dict[str, tuple[str, ...]] = {
    Job.Cause.UNPACK: ("reason", "file"),
    Job.Cause.TORBOX: ("missing", "file"),
}
NOTHING: tuple[str, dict[str, Any], int] = ("", {}, 0)


def show(torrent_keys: Iterable[int]) -> None:
    """Write the newest unfinished job of each torrent, else one that ended today, else nothing, under a new revision.

    `saving_params`: folder (its name), path, percent (0..100), done and files (numbers), speed (bytes/s), eta (seconds),
    until (ISO, when it goes on or when it was saved), cause, free and floor (bytes), by (the name of who resumed it),
    person (the key of who saves it). Only what applies is there.
    """
    keys = iter(dict.fromkeys(torrent_keys))
    while batch := list(islice(keys, BATCH)):
        _show(batch)


@in_transaction
def _show(keys: list[int]) -> None:
    rows = Torrent.objects.filter(pk__in=keys)
    accounts = lock_accounts(rows.order_by().values_list("account_id", flat=True))
    jobs = _shown_jobs(keys)
    changed: dict[int, list[Torrent]] = {}
    counts = _counts(jobs.values())
    for row in rows.order_by("pk"):  # read again, now that their accounts are locked
        job = jobs.get(row.pk)
        shown = _columns(job, *counts.get(job.pk, (0, 0))) if job else NOTHING
        if shown != (row.saving, row.saving_params, row.saving_rank):
            row.saving, row.saving_params, row.saving_rank = shown
            changed.setdefault(row.account_id, []).append(row)
    for account_id, mine in changed.items():
        if account := accounts.get(account_id):
            write_columns(account, mine, COLUMNS)


def midnight() -> datetime:
    """Return when today began, on the server's clock."""
    now = timezone.localtime(timezone=timezone.get_default_timezone())
    return now.replace(hour=0, minute=0, second=0, microsecond=0)


def _shown_jobs(keys: list[int]) -> dict[int, Job]:
    """Return the job that is shown for each torrent."""
    jobs = Job.objects.filter(Q(ended_at=None) | Q(state=State.SAVED, ended_at__gte=midnight()))
    jobs = jobs.kept().filter(torrent__in=keys).select_related("folder", "resumed_by")
    # The last of a torrent counts: an unfinished one if there is one, the newest of them.
    ordered = jobs.order_by(F("ended_at").asc(nulls_last=True), "created_at", "pk")
    return {job.torrent_id: job for job in ordered}


def _counts(jobs: Iterable[Job]) -> dict[int, tuple[int, int]]:
    """Return how many files each job has, and how many of them are done."""
    counted = JobFile.objects.filter(job__in=[job.pk for job in jobs]).order_by().values("job")
    numbers = counted.annotate(files=Count("pk"), done=Count("done_at"))
    return {job: (files, done) for job, files, done in numbers.values_list("job", "files", "done")}


def _columns(job: Job, files: int, done: int) -> tuple[str, dict[str, Any], int]:
    params = {
        "folder": job.folder.name,
        "path": "/".join(filter(None, [job.path, job.base])),
        "percent": _percent(job),
        "files": files,
        "done": done,
        **dict(_details(job)),
    }
    return job.state, params, _rank(job)


def _details(job: Job) -> Iterator[tuple[str, Any]]:
    """Yield what only some jobs have."""
    if job.state == State.RUNNING and job.speed:
        yield "speed", job.speed
        yield "eta", max(0, job.bytes_total - job.bytes_done) // job.speed
    if until := job.ended_at or (None if job.cause in FOR_PEOPLE else job.retry_at):
        yield "until", _iso(until)
    if job.cause:
        yield "cause", job.cause
    shown = SHOWN_PARAMS.get(job.cause, ())
    yield from ((key, job.cause_params[key]) for key in shown if key in job.cause_params)
    if job.cause in (Job.Cause.FLOOR, Job.Cause.FULL):
        yield "floor", job.folder.floor + job.cause_params.get("needed", 0)
        if "free" in job.cause_params:
            yield "free", job.cause_params["free"]
    if job.person_id:
        yield "person", job.person_id
    if job.resumed and job.resumed_by:
        yield "by", job.resumed_by.get_short_name()


def _percent(job: Job) -> int:
    if job.state == State.SAVED:
        return 100
    return min(99, job.bytes_done * 100 // job.bytes_total) if job.bytes_total > 0 else 0


def _iso(moment: datetime) -> str:
    return moment.replace(microsecond=0).isoformat()


def _rank(job: Job) -> int:
    """Return its place in the tab: first by state, then as in the queue; what was saved last comes first."""
    half = RANK_STEP // 2
    place = -(job.pk or 0) if job.state == State.SAVED else job.place
    return ORDER.index(State(job.state)) * RANK_STEP + half + min(max(place, -half), half - 1)


@in_transaction
def dismiss(torrent_keys: Iterable[int]) -> None:
    """No longer list torrents that are saved."""
    rows = Torrent.objects.filter(pk__in=[*torrent_keys])
    accounts = lock_accounts(rows.order_by().values_list("account_id", flat=True))
    for account in accounts.values():
        mine = list(rows.filter(account=account, saving=State.SAVED))
        for row in mine:
            row.saving, row.saving_params, row.saving_rank = NOTHING
        write_columns(account, mine, COLUMNS)
