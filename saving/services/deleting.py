"""Delete from the disk what was saved of torrents.

What is to be deleted is marked on the rows of jobs, and a saver deletes it. So it also works while a saver is busy with a
job, while a disk is away, and if a process is killed in between. Nothing but files of these jobs is touched.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path

from django.db.models import Q
from django.utils import timezone

from accounts.deadlines import passed
from accounts.models import User
from accounts.transactions import in_transaction, lock_accounts
from torbox.boot_clock import boot_clock
from torrents.models import Torrent
from torrents.saving_states import SavingState as State

from .. import markers
from ..engine import part_files, saved_files
from ..models import Job, JobFile, JobQuerySet
from ..slow_disks import within
from . import claims, controlling, hints, places, showing

LATER = timedelta(minutes=1)  # until a disk is tried again that didn't answer
PATIENCE = 20.0  # seconds for the files of a job
AT_ONCE = 8  # jobs that a saver takes at a time


@in_transaction
def delete_saved(*, person: User, torrents: Iterable[Torrent]) -> int:
    """Have everything deleted that was saved of torrents and that the person may delete. Return how many jobs that are.

    A job that runs stops within seconds, and its files are deleted then.
    """
    jobs = _jobs(person, torrents)
    keys = [job.pk for job in jobs]
    ended = {"state": State.PAUSED, "ended_at": timezone.now(), "deleting": True}
    Job.objects.filter(pk__in=keys).update(**(controlling.QUEUED_AGAIN | ended))
    showing.show([job.torrent_id for job in jobs])
    hints.hint_on_commit(keys, hints.DELETE)
    return len(keys)


@in_transaction
def stop_saving(*, person: User, torrents: Iterable[Torrent]) -> int:
    """Cancel what isn't saved whole yet, with its partial files. What is saved stays. Return how many jobs that are."""
    jobs = [job for job in _jobs(person, torrents) if job.ended_at is None]
    return controlling.cancel(person=person, jobs=jobs, keep_partial=False)


def due_ids() -> list[int]:
    """Return the jobs whose files a saver should delete now."""
    return list(_due().order_by("pk").values_list("pk", flat=True)[:AT_ONCE])


def delete_due() -> None:
    """Delete the files of all marked jobs, as far as their disks answer."""
    tried: set[int] = set()
    while left := [job_id for job_id in due_ids() if job_id not in tried]:
        for job_id in left:
            tried.add(job_id)
            delete(job_id)


def delete(job_id: int) -> bool:
    """Delete the files of a marked job from the disk, then its row. Return whether that is done.

    If the disk doesn't answer, or the folder isn't there, it is tried again later.
    """
    claim = uuid.uuid4().hex
    if not _due().filter(pk=job_id).update(claim=claim, claimed_until=timezone.now() + claims.CLAIM):
        return False
    job = Job.objects.select_related("folder", "torrent").get(pk=job_id)
    mine = Job.objects.filter(pk=job_id, claim=claim)
    try:
        within(("delete", job_id), _work(job), PATIENCE)
    except (OSError, TimeoutError):
        mine.update(claim="", claimed_until=None, retry_at=timezone.now() + LATER)
        return False
    return bool(mine.delete()[0])


def _jobs(person: User, torrents: Iterable[Torrent]) -> list[Job]:
    """Lock the accounts of torrents, and return the jobs whose files a person may delete."""
    rows = list(torrents)
    lock_accounts(row.account_id for row in rows)
    return list(Job.objects.deletable_by(person).kept().filter(torrent__in=[row.pk for row in rows]))


def _due() -> JobQuerySet:
    """Return the marked jobs that no process works on. A saver that saved one ends its claim when it has stopped."""
    now = timezone.now()
    free = Q(claim="") | Q(claimed_until=None) | passed("claimed_until", claims.CLAIM, now)
    return Job.objects.filter(free, Q(retry_at=None) | passed("retry_at", LATER, now), deleting=True)


@dataclass(frozen=True)
class _Doomed:
    """What is to be deleted of a file: its partial file, or the file itself if it is whole."""

    file: JobFile
    is_whole: bool


def _work(job: Job) -> Callable[[], None]:
    """Return what deletes the files, without the database, and stops before the claim ends."""
    rows = JobFile.objects.filter(job=job).select_related("job__torrent")
    files = [_Doomed(file, _may_be_whole(file)) for file in rows]
    unpacked = [(str(target), int(size)) for target, size in job.unpacked]
    until = boot_clock() + claims.CLAIM.total_seconds() / 2
    return partial(_delete, job.folder.path, job.folder.marked_at is not None, files, unpacked, until)


def _may_be_whole(file: JobFile) -> bool:
    """Return whether the file may have its name: it is done, or its saver was killed before it could write that."""
    return file.done_at is not None or (file.size > 0 and file.bytes_done == file.size)


def _delete(
    path: str, is_marked: bool, files: Sequence[_Doomed], unpacked: Sequence[tuple[str, int]], until: float
) -> None:
    """Delete files below a folder. Raises OSError, also if the folder isn't mounted."""
    root = places.inside(path)
    if is_marked:
        (root / markers.NAME).lstat()  # Without it, this is an empty mount point.
    for doomed in files:
        _go_on(until)
        _delete_one(root, doomed)
    for target, size in unpacked:
        _go_on(until)
        saved_files.remove_whole(root, target, size)


def _delete_one(root: Path, doomed: _Doomed) -> None:
    """Delete a file. While its partial file is there, one that has its name is someone else's, and stays."""
    is_ours = doomed.is_whole
    if doomed.file.done_at is None:
        is_ours = is_ours and part_files.is_finished(root, doomed.file)
        part_files.remove_part(root, doomed.file)
    if is_ours:
        saved_files.remove_whole(root, doomed.file.target, doomed.file.size)


def _go_on(until: float) -> None:
    if boot_clock() > until:
        raise TimeoutError
