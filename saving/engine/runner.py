"""Work on one job: claim it, save its files, some at a time, and write what becomes of it."""

from __future__ import annotations

import logging
import threading
import uuid
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from django.db import Error
from django.utils import timezone

from torrents.models import Torrent

from .. import schedule
from ..aria2 import engine as aria2
from ..models import Job, JobFile
from ..services import claims, hints, settings
from . import collisions, download, part_files, preparing, settling, space
from .failures import Blocked, Failed, Stopped, of_os_error
from .lanes import Lanes
from .throttle import Throttle
from .work import Work, renew_connection

logger = logging.getLogger(__name__)
OF_ONE_FILE = {Job.Cause.TORBOX, Job.Cause.DENIED}  # maybe
SPACE_CHECKED = 8 * 1024 * 1024  # bytes of a file between two looks at the disk


class StepAside(Stopped):
    """This thread alone stops: someone further ahead in the queue needs it, or fewer files are allowed at a time."""


class _Saver:
    """What the jobs of this process share."""

    def __init__(self) -> None:
        self.throttle = Throttle()
        self.lanes = Lanes()
        self.needs = space.Needs()
        self.stopping = threading.Event()
        self.works: dict[int, Work] = {}
        self.lock = threading.Lock()

    def follow_settings(self) -> schedule.Allowance:
        """Apply the limits that hold now."""
        current = settings.current()
        allowed = schedule.allowance(current, timezone.now())
        self.lanes.limit = max(1, current.files_at_a_time)
        if not self.stopping.is_set():
            self.throttle.set(allowed.limit)
        return allowed


_saver = _Saver()


def run(job_id: int) -> bool:
    """Save a job until it is done, paused, blocked, or this process is asked to stop.

    All jobs of this process share the speed limit and the number of files at a time. A second thread that runs the same
    job takes other files of it. Returns at once if enough files are being saved, or another process has the job.

    Returns whether it stopped for a job that is further ahead in the queue.
    """
    if _saver.stopping.is_set() or _has_nothing_more(job_id):
        return False
    _saver.follow_settings()
    lane = _saver.lanes.enter()
    if lane is None:
        return False
    try:
        work = _joined(job_id)
        return _work_on(work, lane) if work else False
    finally:
        _saver.lanes.leave(lane)


def go_on() -> None:
    """Save what is due, in the order of the queue, until nothing is left that this process could do.

    Nothing else decides what begins: hints may come in any order.
    """
    tried: set[int] = set()  # since one stepped aside for others
    while not _saver.stopping.is_set():
        renew_connection()
        due = claims.due_ids(leave_out=tried)
        if not due or not _saver.lanes.free:
            return
        if run(due[0]):
            tried.clear()
        else:
            tried.add(due[0])


def start() -> None:
    """Allow work again, after `stop`."""
    _saver.stopping.clear()


def stop() -> None:
    """Ask everything that runs in this process to stop, keeping partial files. Returns at once."""
    _saver.stopping.set()
    _saver.throttle.set(0)  # Nobody waits for it any more.


def free_lanes() -> int:
    """Return how many more files this process could work on, by the settings as they are now."""
    _saver.follow_settings()
    return 0 if _saver.stopping.is_set() else _saver.lanes.free


def is_idle() -> bool:
    """Return whether nothing runs in this process."""
    return _saver.lanes.is_empty


def _has_nothing_more(job_id: int) -> bool:
    """Return whether other threads of this process have all files of a job, so that there is no need to take a lane."""
    with _saver.lock:
        work = _saver.works.get(job_id)
    return work is not None and not work.has_more()


def _joined(job_id: int) -> Work | None:
    """Return the work on a job: what other threads are doing already, or a new claim. None if there is nothing to do."""
    with _saver.lock:
        work = _saver.works.get(job_id)
        if work is None:
            job = claims.claim(job_id, uuid.uuid4().hex)
            if job is None:
                return None
            work = _saver.works[job_id] = Work(job)
        work.threads += 1
        return work


def _work_on(work: Work, lane: int) -> bool:
    """Save files of a job until none is left for this thread. The last thread writes what becomes of the job.

    Returns whether it stepped aside.
    """
    try:
        with work.lock:
            if not work.is_prepared and work.ending is None:
                preparing.prepare(work, _saver.follow_settings())
        while file := work.take_file():
            _hint(work)
            _save(work, file, lane)
            if claims.is_someone_ahead(work.job):
                raise StepAside
    except StepAside:
        return True
    except Exception as error:
        work.end(error)
    finally:
        _leave(work, lane)
    return False


def _leave(work: Work, lane: int) -> None:
    with _saver.lock:
        work.threads -= 1
        if work.threads:
            return
        del _saver.works[work.job.pk]  # Until the claim ends, none can take it again.
    settling.settle(work, is_stopping=_saver.stopping.is_set(), goes_on=partial(_goes_on, work, lane))


def _hint(work: Work) -> None:
    """Call another thread, if there is something for it to do."""
    if _saver.lanes.free and work.has_more():
        hints.hint([work.job.pk])


def _save(work: Work, file: JobFile, lane: int) -> None:
    """Save one file. One that fails, or can't be had now, doesn't keep the others from being saved."""
    try:
        preparing.check_mounted(work.job.folder, work.root)
        if not _is_done_already(work, file):
            _check_room(work, file, max(0, file.size - _size_of_part(work, file)))
            _bring(work, file, partial(_goes_on, work, lane))
        JobFile.objects.filter(pk=file.pk).update(
            done_at=timezone.now(), bytes_done=file.size, size=file.size, gid=""
        )
        work.note(file, file.size)
        work.give_back(file)  # It is done, so there is no need to leave it out: a torrent may have thousands.
    except Failed as failure:
        failure.params = {"file": file.path, **failure.params}
        work.give_up(file, failure)
        if failure.cause == Job.Cause.GONE and preparing.is_gone(work.job):
            raise
    except space.NoRoom as lacking:
        work.leave_without_room(file, lacking)
    except Blocked as blocked:
        if blocked.cause not in OF_ONE_FILE or not work.leave_aside(file, blocked):
            raise
    except Stopped as stopped:
        work.give_back(file)
        if work.is_ours and not _saver.stopping.is_set() and not isinstance(stopped, StepAside):
            raise StepAside from None
        raise
    finally:
        _saver.needs.forget(file)


def _bring(work: Work, file: JobFile, goes_on: Callable[[], bool]) -> None:
    progress = _Progress(work, file)
    torrent = Torrent.objects.select_related("account").get(pk=work.job.torrent_id)
    for _ in range(2):
        try:
            _engine()(torrent, file, work.root, progress=progress, goes_on=goes_on, tries=work.tries)
            return
        except FileExistsError:
            collisions.give_other_name(work.root, file)
    raise Failed(Job.Cause.NAME)


def _engine() -> Callable[..., Any]:
    if aria2.is_configured():
        return partial(aria2.download, limit=lambda: _saver.throttle.limit)
    return partial(download.download, throttle=_saver.throttle)


def _goes_on(work: Work, lane: int) -> bool:
    """Return whether a thread may go on. Every few seconds, this writes progress and reads what has changed."""
    if _saver.stopping.is_set():
        work.end(Stopped())
    elif work.tick():
        try:
            preparing.check(work.job, _saver.follow_settings())
        except (Blocked, Failed) as reason:
            work.end(reason)
        except Error:
            pass  # While the database is away, the claim decides.
    return work.is_ours and lane < _saver.lanes.limit


class _Progress:
    """Notes how far a file is, and looks at the disk before it begins and every few MB."""

    def __init__(self, work: Work, file: JobFile) -> None:
        self._work, self._file = work, file
        self._checked_at = -1

    def __call__(self, size: int) -> None:
        work, file, begins = self._work, self._file, self._checked_at < 0
        work.note(file, size, first=begins)
        left = max(0, file.size - size)
        _saver.needs.note(file, left)
        if not left:
            self._note_whole()
        elif begins:
            _check_room(work, file, left)
        elif abs(size - self._checked_at) >= SPACE_CHECKED:  # It may have begun again.
            space.check(work.job.folder, work.root)
        else:
            return
        self._checked_at = size

    def _note_whole(self) -> None:
        """Write that the file is whole before it gets its name, if the job is still ours."""
        mine = JobFile.objects.filter(pk=self._file.pk, job__claim=self._work.job.claim)
        if not mine.update(bytes_done=self._file.size):
            self._work.end(Stopped())
            raise Stopped


def _check_room(work: Work, file: JobFile, left: int) -> None:
    """Raise `Blocked` if the rest of a file doesn't fit on the disk beside those that are being saved."""
    _saver.needs.note(file, left)
    space.check(work.job.folder, work.root, left, _saver.needs.of_others(file))


def _size_of_part(work: Work, file: JobFile) -> int:
    try:
        return part_files.size_of(work.root, file) or 0
    except OSError as error:
        raise of_os_error(error) from None


def _is_done_already(work: Work, file: JobFile) -> bool:
    """Return whether the file got its name just before its saver died."""
    try:
        return file.bytes_done == file.size and part_files.is_finished(Path(work.root), file)
    except OSError as error:
        raise of_os_error(error) from None
