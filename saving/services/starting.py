"""Start saving: a torrent or many, all of their files or chosen ones."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
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
from . import controlling, hints, promises, saving_first, showing
from .layout import Layout, on_disk

UNDOABLE_FOR = timedelta(minutes=1)


class NotAllowed(Exception):
    """The person may not save to this folder."""


def save(
    *,
    person: User,
    torrents: Sequence[Torrent],
    folder: Folder,
    files: Mapping[int, Sequence[TorrentFile]] | None = None,
    rule: Rule | None = None,
    told: promises.Afterwards | None = None,
) -> list[Job]:
    """Make a job for each torrent that is ready, at the end of the queue, and hint the saver.

    `files`: those to save, by the key of their torrent; without it, all. What is saved there already, or is being saved,
    is left out, so a second click changes nothing. A job that failed there is tried again, and is among those returned.
    `told`: what the person read about TorBox before; without it, what `folder` says. Raises `NotAllowed`.
    """
    if not Folder.objects.usable_by(person).filter(pk=folder.pk).exists():
        raise NotAllowed
    keys = [torrent.pk for torrent in torrents]
    disk = on_disk(folder, keys)  # before anything is locked, because a disk may not answer
    chosen = None if files is None else {pk: {file.remote_id for file in some} for pk, some in files.items()}
    start = partial(
        _save, _Order(person, keys, folder, chosen, rule, promises.safer(folder, told or folder)), disk
    )
    try:
        return start()
    except IntegrityError:  # A saver has just given a file the name of one of ours.
        return start()


@dataclass(frozen=True)
class _Order:
    """Who saves which torrents where. `chosen`: ids of files by torrent; None: all. `said`: what was told about TorBox."""

    person: User
    keys: list[int]
    folder: Folder
    chosen: Mapping[int, set[int]] | None
    rule: Rule | None
    said: promises.Afterwards

    def promised(self) -> Callable[[int], promises.Afterwards]:
        """Return what was told about each torrent, by key: it stays if files were chosen, or the person can't change it."""
        if self.chosen is not None:
            return lambda key: promises.KEPT
        mine = Torrent.objects.controllable_by(self.person).filter(pk__in=self.keys).order_by()
        followed = set(mine.values_list("pk", flat=True))
        return lambda key: self.said if key in followed else promises.KEPT

    def job(self, row: Torrent, path: str, base: str, **fields: Any) -> Job:
        return Job(
            torrent=row,
            account_id=row.account_id,
            person=self.person,
            folder=self.folder,
            path=path,
            rule=self.rule,
            base=base,
            **fields,
        )


@in_transaction
def _save(order: _Order, disk: frozenset[str] | None) -> list[Job]:
    rows = _lock(order.person, order.keys)
    folder = Folder.objects.select_for_update().filter(pk=order.folder.pk).first()
    if folder is None:
        raise NotAllowed  # someone has just removed it
    layout, promised = Layout(order.folder, rows, disk), order.promised()
    place = (Job.objects.aggregate(last=Max("place"))["last"] or 0) + 1
    made: list[Job] = []
    values: list[list[dict[str, Any]]] = []
    for row in rows:
        files = layout.files_of(row, None if order.chosen is None else order.chosen.get(row.pk, set()))
        if files is None:
            continue
        base, facts = files
        size = sum(fact["size"] for fact in facts) if facts else row.size
        fields = {"place": place + len(made), "bytes_total": size, **promised(row.pk)._asdict()}
        made.append(order.job(row, folder.path, base, **fields))
        values.append(facts)
    layout.delete_replaced()
    Job.objects.bulk_create(made)
    insert_facts(
        JobFile,
        [fact | {"job_id": job.pk} for job, some in zip(made, values, strict=True) for fact in some],
    )
    _try_again(layout.failed, promised)
    _belong_to_new(layout.covering)
    saving_first.apply(person=order.person, jobs=made)
    showing.show([job.torrent_id for job in made])
    hints.hint_on_commit([job.pk for job in made])
    return made + layout.failed


def _try_again(jobs: Sequence[Job], promised: Callable[[int], promises.Afterwards]) -> None:
    """Queue jobs that failed again. What was told holds for both times."""
    controlling.requeue(jobs)
    for job in jobs:
        job.after, job.after_days = promises.safer(job, promised(job.torrent_id))
        job.save(update_fields=["after", "after_days"])


def _belong_to_new(covering: Sequence[int]) -> None:
    """Let jobs of torrents that were deleted and added again in the meantime count for them: their files are there."""
    before = Job.objects.filter(pk__in=covering, created_at__lt=F("torrent__added_at"))
    before.update(created_at=timezone.now())


def fill(job: Job) -> bool:
    """Give a job its files, if TorBox hadn't listed them when it was made. Return whether they are known.

    A job whose files all belong to other jobs by now is removed.
    """
    disk = on_disk(job.folder, [job.torrent_id])
    return _fill(job, disk)


@in_transaction
def _fill(job: Job, disk: frozenset[str] | None) -> bool:
    lock_accounts([job.account_id])
    Folder.objects.select_for_update().filter(pk=job.folder_id).exists()
    if job.files.exists():
        return True
    layout = Layout(job.folder, [job.torrent], disk, leave_out=job)
    found = layout.files_of(job.torrent, None)
    if found is None and job.torrent.files.exists():
        Job.objects.filter(pk=job.pk).delete()
        showing.show([job.torrent_id])
        return True
    base, facts = found or ("", [])
    if not facts:
        return False
    layout.delete_replaced()
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


def _lock(person: User, keys: list[int]) -> list[Torrent]:
    """Lock the accounts of torrents, and return those that the person may see and that are ready, in the given order."""
    accounts = Torrent.objects.filter(pk__in=keys).order_by().values_list("account_id", flat=True)
    lock_accounts(accounts)
    seen = Torrent.objects.visible_to(person)
    rows = {row.pk: row for row in seen.filter(pk__in=keys).defer("magnet") if row.downloadable}
    return [rows[pk] for pk in dict.fromkeys(keys) if pk in rows]
