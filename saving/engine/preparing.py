"""Look whether a job can begin or go on: its torrent, its person, its folder, and the schedule."""

from __future__ import annotations

from pathlib import Path

from django.utils import timezone

from accounts.models import User
from torrents.models import Torrent
from torrents.saving_states import SavingState as State
from torrents.states import ENDED

from .. import markers
from ..models import Folder, Job
from ..schedule import Allowance
from ..services import claims, folders, showing, starting
from . import space
from .failures import Blocked, Failed, Stopped, of_folder, of_os_error
from .work import Work

LATER = 60.0


def prepare(work: Work, allowed: Allowance) -> None:
    """Find the folder, and show that the job runs. Raises `Blocked`, `Failed`, and `Stopped`."""
    job = work.job
    check(job, allowed)
    if job.account.rejected:
        raise Blocked(State.WAITING, Job.Cause.KEY, retry_after=LATER)
    if not job.torrent.downloadable:
        raise Blocked(State.WAITING, Job.Cause.TORBOX, retry_after=LATER)
    work.root = _root(job.folder)
    if not job.files.exists() and not starting.fill(job):  # TorBox's list didn't have them yet.
        raise Blocked(State.WAITING, Job.Cause.TORBOX, retry_after=LATER)
    if not claims.begin(job):
        raise Stopped
    work.is_prepared = True
    showing.show([job.torrent_id])


def _root(folder: Folder) -> Path:
    """Return where a folder is, if it can be used and has room. Raises `Blocked` and `Failed`."""
    found = folders.space(folder)  # without waiting for a disk that doesn't answer
    if found.cause:
        raise of_folder(found.cause)
    try:
        root = folders.where(folder)
    except folders.Unusable as error:
        raise of_folder(error.cause) from None
    check_mounted(folder, root)
    space.check(folder, root)
    return root


def check_mounted(folder: Folder, root: Path) -> None:
    """Raise `Blocked` if this is no longer the folder, but the empty one where it was mounted."""
    try:
        if markers.is_known(folder, root):
            return
    except OSError as error:
        raise of_os_error(error) from None
    raise of_folder(Job.Cause.MISSING)


def check(job: Job, allowed: Allowance) -> None:
    """Raise `Blocked` or `Failed` if it may not run now: because of the schedule, its torrent, or its person."""
    if allowed.paused_until and not job.resumed:
        wait = (allowed.paused_until - timezone.now()).total_seconds()
        raise Blocked(State.SCHEDULED, retry_after=wait)
    if is_gone(job):
        raise Failed(Job.Cause.GONE)
    _check_person(job)


def is_gone(job: Job) -> bool:
    """Return whether TorBox no longer has the torrent."""
    return not Torrent.objects.listed().filter(pk=job.torrent_id).exclude(status__in=ENDED).exists()


def _check_person(job: Job) -> None:
    """Raise `Blocked` while the person is suspended, and `Failed` if they may no longer save this there.

    Without a person, since they were removed, it waits: it's about to be canceled (`controlling.cancel_of_removed`).
    """
    person = User.objects.filter(pk=job.person_id).first()  # as they are now, not when the job was claimed
    if person is None:
        raise Blocked(State.WAITING, retry_after=LATER)
    if not person.is_active:
        raise Blocked(State.WAITING, Job.Cause.SUSPENDED, retry_after=LATER)
    if not Torrent.objects.visible_to(person).filter(pk=job.torrent_id).exists():
        raise Failed(Job.Cause.HIDDEN)
    if not Folder.objects.usable_by(person).filter(pk=job.folder_id).exists():
        raise Failed(Job.Cause.NOT_ALLOWED)
