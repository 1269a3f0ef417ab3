"""Look whether a job can begin: its torrent, its folder, and the schedule."""

from __future__ import annotations

from pathlib import Path

from django.utils import timezone

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
    """Raise `Blocked` if the schedule pauses, and `Failed` if the torrent is gone."""
    if allowed.paused_until and not job.resumed:
        wait = (allowed.paused_until - timezone.now()).total_seconds()
        raise Blocked(State.SCHEDULED, retry_after=wait)
    if is_gone(job):
        raise Failed(Job.Cause.GONE)


def is_gone(job: Job) -> bool:
    """Return whether TorBox no longer has the torrent, or it was hidden from the person who saves it."""
    rows = Torrent.objects.listed() if job.person is None else Torrent.objects.visible_to(job.person)
    return not rows.filter(pk=job.torrent_id).exclude(status__in=ENDED).exists()
