"""Start saving: a torrent or many, all of their files or chosen ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import partial
from typing import Any

from django.db import IntegrityError
from django.db.models import F, Max
from django.utils import timezone

from accounts.deadlines import recent
from accounts.models import User
from accounts.transactions import in_transaction, lock_accounts
from torrents.models import Torrent, TorrentFile
from torrents.models.bulk_insert import insert_facts

from ..models import Folder, Job, JobFile, Rule
from . import controlling, hints, showing
from .layout import Layout, on_disk

UNDOABLE_FOR = timedelta(minutes=1)


class NotAllowed(Exception):
    """The person may not save to this folder."""


def save(
    *,
    person: User | None,
    torrents: Sequence[Torrent],
    folder: Folder,
    files: Mapping[int, Sequence[TorrentFile]] | None = None,
    rule: Rule | None = None,
) -> list[Job]:
    """Make a job for each torrent that is ready, at the end of the queue, and hint the saver.

    `files`: those to save, by the key of their torrent; without it, all. What is saved there already, or is being saved,
    is left out, so a second click changes nothing. A job that failed there is tried again, and is among those returned.
    Raises `NotAllowed`.
    """
    if person and not Folder.objects.usable_by(person).filter(pk=folder.pk).exists():
        raise NotAllowed
    keys = [torrent.pk for torrent in torrents]
    disk = on_disk(folder, keys)  # before anything is locked, because a disk may not answer
    chosen = None if files is None else {pk: {file.remote_id for file in some} for pk, some in files.items()}
    start = partial(_save, person=person, keys=keys, folder=folder, chosen=chosen, rule=rule, disk=disk)
    try:
        return start()
    except IntegrityError:  # A saver has just given a file the name of one of ours.
        return start()


@in_transaction
def _save(
    *,
    person: User | None,
    keys: list[int],
    folder: Folder,
    chosen: Mapping[int, set[int]] | None,
    rule: Rule | None,
    disk: frozenset[str] | None,
) -> list[Job]:
    rows = _lock(person, keys)
    if not Folder.objects.select_for_update().filter(pk=folder.pk).exists():
        raise NotAllowed  # someone has just removed it
    layout = Layout(folder, rows, disk)
    place = (Job.objects.aggregate(last=Max("place"))["last"] or 0) + 1
    made: list[Job] = []
    values: list[list[dict[str, Any]]] = []
    for row in rows:
        files = layout.files_of(row, None if chosen is None else chosen.get(row.pk, set()))
        if files is None:
            continue
        base, facts = files
        job = Job(torrent=row, account_id=row.account_id, person=person, folder=folder, rule=rule, base=base)
        job.place = place + len(made)
        job.bytes_total = sum(fact["size"] for fact in facts) if facts else row.size
        made.append(job)
        values.append(facts)
    layout.delete_replaced()
    Job.objects.bulk_create(made)
    insert_facts(
        JobFile,
        [fact | {"job_id": job.pk} for job, some in zip(made, values, strict=True) for fact in some],
    )
    controlling.requeue(layout.failed)
    _belong_to_new(layout.covering)
    showing.show([job.torrent_id for job in made])
    hints.hint_on_commit([job.pk for job in made])
    return made + layout.failed


def _belong_to_new(covering: Sequence[int]) -> None:
    """Let jobs of torrents that were deleted and added again in the meantime count for them: their files are there."""
    before = Job.objects.filter(pk__in=covering, created_at__lt=F("torrent__added_at"))
    before.update(created_at=timezone.now())


def fill(job: Job) -> bool:
    """Give a job its files, if TorBox hadn't listed them when it was made. Return whether it has any."""
    disk = on_disk(job.folder, [job.torrent_id])
    return _fill(job, disk)


@in_transaction
def _fill(job: Job, disk: frozenset[str] | None) -> bool:
    lock_accounts([job.account_id])
    Folder.objects.select_for_update().filter(pk=job.folder_id).exists()
    if job.files.exists():
        return True
    base, facts = Layout(job.folder, [job.torrent], disk, leave_out=job).files_of(job.torrent, None) or (
        "",
        [],
    )
    if not facts:
        return False
    insert_facts(JobFile, [fact | {"job_id": job.pk} for fact in facts])
    job.base, job.bytes_total = base, sum(fact["size"] for fact in facts)
    job.save(update_fields=["base", "bytes_total"])
    return True


def undo(*, person: User, keys: Sequence[int]) -> int:
    """Take back jobs that a person started less than a minute ago, with their partial files. Return how many.

    What rules of theirs have started in the meantime goes on.
    """
    mine = Job.objects.unfinished().filter(person=person, rule=None)
    mine = mine.filter(recent("created_at", UNDOABLE_FOR, timezone.now()))
    return controlling.cancel(person=person, jobs=list(mine.filter(pk__in=keys)), keep_partial=False)


def _lock(person: User | None, keys: list[int]) -> list[Torrent]:
    """Lock the accounts of torrents, and return those that the person may see and that are ready, in the given order."""
    accounts = Torrent.objects.filter(pk__in=keys).order_by().values_list("account_id", flat=True)
    lock_accounts(accounts)
    seen = Torrent.objects.visible_to(person) if person else Torrent.objects.listed()
    rows = {row.pk: row for row in seen.filter(pk__in=keys).defer("magnet") if row.downloadable}
    return [rows[pk] for pk in dict.fromkeys(keys) if pk in rows]
