"""Delete from the disk what was saved of torrents.

What is to be deleted is marked on the rows of jobs, and a saver deletes it. So it also works while a saver is busy with a
job, while a disk is away, and if a process is killed in between. Nothing but files of these jobs is touched.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
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
from ..target_names import key
from . import claims, controlling, hints, places, showing

LATER = timedelta(minutes=1)  # until a disk is tried again that didn't answer
PATIENCE = 20.0  # seconds to look at the files of a job, and again to delete them
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
        _delete_files(job)
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


def _delete_files(job: Job) -> None:
    """Delete the files of a job that is ours. Raises OSError and TimeoutError. Then it can be repeated.

    It first finds out and stores which files got their names: once partial files are gone, nothing on disk tells whether
    a file under such a name is ours.
    """
    place = _Place(job.path, _is_marked(job), boot_clock() + claims.CLAIM.total_seconds() / 2)
    files = list(JobFile.objects.filter(job=job).select_related("job__torrent"))
    came = [file for file in files if _may_be_whole(file) and file.done_at is None]
    unnamed = within(("find", job.pk), partial(place.find_unnamed, came), PATIENCE) if came else ()
    JobFile.objects.filter(pk__in=[file.pk for file in unnamed], job__claim=job.claim).update(bytes_done=0)
    parts = [file for file in files if file.done_at is None]
    whole = [file for file in files if _may_be_whole(file) and file not in unnamed]
    known = [(file.target, file.size) for file in whole]
    known += [(str(target), int(size)) for target, size in job.unpacked]
    others = _of_others(job)
    named = [(target, size) for target, size in known if key(target) not in others]
    within(("delete", job.pk), partial(place.delete, parts, named), PATIENCE)


def _may_be_whole(file: JobFile) -> bool:
    """Return whether the file may have its name: it is done, or its saver was killed before it could write that."""
    return file.done_at is not None or (file.size > 0 and file.bytes_done == file.size)


def _is_marked(job: Job) -> bool:
    """Return whether the folder had a mark where the job was made."""
    return job.folder.marked_at is not None or job.folder.path != job.path


def _of_others(job: Job) -> frozenset[str]:
    """Return the keys of what another folder has saved at the place that this one had."""
    files = JobFile.objects.filter(job__path=job.path, job__deleting=False).exclude(folder=job.folder_id)
    return frozenset(files.values_list("target_key", flat=True))


@dataclass(frozen=True)
class _Place:
    """Where files of a job are. Uses no database. Raises OSError, also if the folder isn't mounted.

    `until`: when we have to stop, on the clock since the start of the machine. Raises TimeoutError then.
    """

    path: str
    is_marked: bool
    until: float

    def find_unnamed(self, files: Sequence[JobFile]) -> list[JobFile]:
        """Return which files don't have their names, although all of their bytes came. What has such a name isn't ours."""
        root = self._root()
        return [file for file in files if self._go_on() and not part_files.is_finished(root, file)]

    def delete(self, parts: Sequence[JobFile], named: Iterable[tuple[str, int]]) -> None:
        """Delete partial files, and files under their names if they have these sizes.

        One that can't be deleted doesn't keep the others.
        """
        root = self._root()
        steps = [partial(part_files.remove_part, root, file) for file in parts]
        steps += [partial(saved_files.remove_whole, root, target, size) for target, size in named]
        failed: OSError | None = None
        for step in steps:
            self._go_on()
            try:
                step()
            except OSError as error:
                failed = failed or error
        if failed:
            raise failed

    def _root(self) -> Path:
        root = places.inside(self.path)
        if self.is_marked:
            (root / markers.NAME).lstat()  # Without it, this is an empty mount point.
        return root

    def _go_on(self) -> bool:
        if boot_clock() > self.until:
            raise TimeoutError
        return True
