"""Do at TorBox what should happen after saving."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef
from django.utils import timezone

from accounts.models import User
from accounts.transactions import in_transaction, lock_accounts
from torrents.models import Torrent, TorrentFile
from torrents.operations import DELETE
from torrents.saving_states import SavingState
from torrents.services.actions import controlling

from ..models import Folder, Job, JobFile, JobQuerySet
from . import folders, promises

STOP_SEEDING = "stop_seeding"
OPERATIONS = {Folder.After.KEEP: "", Folder.After.STOP_SEEDING: STOP_SEEDING, Folder.After.DELETE: DELETE}
BATCH = 200
LATER = timedelta(hours=1)


def follow_up() -> None:
    """Stop seeding or delete from TorBox what was saved whole and is due, as the person who saved it may.

    The safer of what was told at the start and what the folder says now counts: if either keeps torrents, nothing
    happens. A torrent is deleted only if all of its files are saved, it isn't kept forever, and nothing of it is still
    being saved. While the folder isn't there, we wait.
    """
    now = timezone.now()
    waiting = {pk for pk, found in folders.spaces(_folders(now)).items() if found.cause}
    _due(now).filter(folder__in=waiting).update(after_due_at=now + LATER)
    while jobs := list(_due(now).select_related("folder", "person").order_by("pk")[:BATCH]):
        for person, operation, mine in _groups(jobs, now):
            _follow(person, operation, mine)


def _due(now: datetime) -> JobQuerySet:
    return Job.objects.filter(state=SavingState.SAVED, after_done_at=None, after_due_at__lte=now)


def _folders(now: datetime) -> Iterable[Folder]:
    return Folder.objects.filter(pk__in=_due(now).filter(folder__after=Folder.After.DELETE).values("folder"))


def _groups(jobs: Sequence[Job], now: datetime) -> list[tuple[User | None, str, list[Job]]]:
    """Return jobs by who saved them and what is to be done. What is too early, since the folder has changed, is put off."""
    groups: dict[tuple[int | None, str], list[Job]] = {}
    for job in jobs:
        holds = promises.safer(job, job.folder)
        operation = OPERATIONS[Folder.After(holds.after)]
        due_at = (job.ended_at or now) + timedelta(days=holds.after_days)
        if operation == DELETE and due_at > now:
            Job.objects.filter(pk=job.pk).update(after_due_at=due_at)
        else:
            groups.setdefault((job.person_id, operation), []).append(job)
    return [(mine[0].person, operation, mine) for (_, operation), mine in groups.items()]


@in_transaction
def _follow(person: User | None, operation: str, jobs: Sequence[Job]) -> None:
    lock_accounts(job.account_id for job in jobs)
    keys = [job.torrent_id for job in jobs]
    if person and person.is_active and operation:
        mine = Torrent.objects.controllable_by(person).listed().filter(pk__in=keys)
        if operation == DELETE:
            keys = _delete(person, list(_saved_whole(mine)), keys)
        elif seeding := [row for row in mine if row.downloadable and row.active]:
            controlling.control(person=person, torrents=seeding, operation=operation)
    done = Job.objects.filter(pk__in=[job.pk for job in jobs], torrent__in=keys)
    done.update(after_done_at=timezone.now())
    Job.objects.filter(pk__in=[job.pk for job in jobs], after_done_at=None).update(
        after_due_at=timezone.now() + LATER
    )


def _delete(person: User, rows: Sequence[Torrent], keys: Sequence[int]) -> list[int]:
    """Delete torrents from TorBox, and return the keys of all that are settled: those still being saved are not."""
    saving = Job.objects.unfinished().filter(torrent__in=keys)
    busy = set(saving.exclude(state=SavingState.FAILED).values_list("torrent", flat=True))
    if free := [row for row in rows if row.pk not in busy]:
        controlling.remove(person=person, torrents=free)
    return [key for key in keys if key not in busy]


def _saved_whole(rows: Iterable[Torrent]) -> Iterable[Torrent]:
    """Yield the torrents of which every file is saved, and that aren't kept forever."""
    keys = [row.pk for row in rows if not row.airlocked]
    saved = JobFile.objects.filter(
        job__torrent=OuterRef("torrent"),
        job__deleting=False,
        remote_id=OuterRef("remote_id"),
        done_at__isnull=False,
    )
    files = TorrentFile.objects.filter(torrent__in=keys).order_by()
    missing = set(files.filter(~Exists(saved)).values_list("torrent", flat=True))
    known = set(files.values_list("torrent", flat=True))
    return [row for row in rows if row.pk in known - missing]
