"""A job that this process works on, with one or more threads: which files they have, how far, and why they end."""

from __future__ import annotations

import logging
import threading
from collections import deque
from pathlib import Path

from django.db import Error, close_old_connections, connection
from django.db.models import F
from django.utils import timezone

from torbox.boot_clock import boot_clock

from ..models import Folder, Job, JobFile, JobFileQuerySet
from ..services import claims, showing
from .failures import LOOK_AGAIN, Blocked, Failed, Stopped
from .patience import FEW_TRIES, TRIES
from .space import NoRoom

logger = logging.getLogger(__name__)
MAX_IN_VAIN = 3  # files in a row that bring nothing, until it isn't about files
MARGIN = 10.0  # seconds by which we stop before the claim ends
SPEED_SECONDS = 20.0  # that the speed is an average of


def renew_connection() -> None:
    """Let go of a connection to the database that is broken or too old. Tests do everything in a transaction."""
    if not connection.in_atomic_block:
        close_old_connections()


class Work:
    """What this process knows about a job while it works on it. `ending`: why all of its threads stop."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.root = Path()  # known once it is prepared
        self.lock = threading.RLock()
        self.threads = 0
        self.is_prepared = False
        self.ending: Exception | None = None
        self.set_aside: list[Blocked] = []
        self.lacking: NoRoom | None = None  # what the smallest file that doesn't fit needs
        self.has_progressed = False
        self.valid_until = boot_clock() + claims.CLAIM.total_seconds() - MARGIN
        self._left_out: set[int] = set()  # files that a thread has, or that were tried in vain
        self._in_vain = 0  # files in a row
        self._too_large: set[int] = set()  # files that don't fit on the disk now
        self._look_at = 0.0  # when that may have changed
        self._bytes = self._read_bytes()
        self._received = 0
        self._samples = deque([(boot_clock(), 0)])
        self._tick_at = boot_clock() + showing.SHOWN_EVERY

    def take_file(self) -> JobFile | None:
        """Return the next file that no thread has, or None."""
        with self.lock:
            if self.ending:
                return None
            file = self._to_do().first()
            if file:
                file.job = self.job
                self._left_out.add(file.pk)
            return file

    def give_back(self, file: JobFile) -> None:
        """Let another thread have the file, or a later run."""
        with self.lock:
            self._left_out.discard(file.pk)

    def has_more(self) -> bool:
        """Return whether there is a file for another thread."""
        with self.lock:
            return self.ending is None and self._to_do().exists()

    def _to_do(self) -> JobFileQuerySet:
        files = JobFile.objects.filter(job=self.job).to_do()
        if self.lacking and boot_clock() >= self._look_at:
            self.lacking, self._too_large = None, set()
        if self.lacking:  # What needs no less doesn't fit either. What aria2 has of a file isn't noted.
            files = files.exclude(gid="", size__gte=F("bytes_done") + self.lacking.left)
        return files.exclude(pk__in=self._left_out | self._too_large)

    @property
    def tries(self) -> int:
        """Return how often to try a file: less often if the one before it brought nothing either."""
        return FEW_TRIES if self._in_vain else TRIES

    def leave_aside(self, file: JobFile, reason: Blocked) -> bool:
        """Let a file wait for a later run, and go on with others. Return False if it isn't about this file alone."""
        with self.lock:
            self._in_vain += 1
            self.set_aside.append(reason)
            self._update(file, tried_at=timezone.now())
            return self._in_vain < MAX_IN_VAIN or not self.has_more()

    def leave_without_room(self, file: JobFile, reason: NoRoom) -> None:
        """Go on with smaller files. This one is looked at again as the first, a while later, or in a later run."""
        with self.lock:
            self._left_out.discard(file.pk)
            self._too_large.add(file.pk)
            if self.lacking is None:
                self._look_at = boot_clock() + LOOK_AGAIN
            if self.lacking is None or reason.left < self.lacking.left:
                self.lacking = reason

    def give_up(self, file: JobFile, failure: Failed) -> None:
        """Note why a file isn't tried any more."""
        self._update(file, cause=failure.cause, cause_params=failure.params)

    def _update(self, file: JobFile, **fields: object) -> None:
        JobFile.objects.filter(pk=file.pk, job__claim=self.job.claim).update(**fields)

    def end(self, reason: Exception) -> None:
        """Stop all threads. The first reason counts."""
        with self.lock:
            self.ending = self.ending or reason

    @property
    def is_ours(self) -> bool:
        """Return whether we may still touch files: the claim holds, and nothing has ended the work."""
        return self.ending is None and self.holds_claim

    @property
    def holds_claim(self) -> bool:
        """Return whether no other process can have the job, even if ours has ended with it."""
        return boot_clock() < self.valid_until

    def note(self, file: JobFile, size: int, *, first: bool = False) -> None:
        """Note how many bytes of a file there are. `first`: this is where it goes on, so nothing was received."""
        with self.lock:
            if not first:
                self._received += max(0, size - self._bytes.get(file.pk, 0))
                self.has_progressed = True
                self._in_vain = 0
            self._bytes[file.pk] = size

    def tick(self) -> bool:
        """Write progress and extend the claim, if it is time. Return whether it was."""
        with self.lock:
            now = boot_clock()
            if now < self._tick_at:
                return False
            self._tick_at = now + showing.SHOWN_EVERY
            done, speed = sum(self._bytes.values()), self._speed(now)
        renew_connection()
        try:
            if not claims.renew(self.job, bytes_done=done, speed=speed):
                self.end(Stopped())
                return True
            self.valid_until = max(self.valid_until, now + claims.CLAIM.total_seconds() - MARGIN)
            showing.show([self.job.torrent_id])
            self._follow_folder()
        except Error as error:  # The claim holds for a while. Until then, the database may be back.
            cause = {"cause": "progress of saving"}
            logger.warning("The progress of a job can't be written (%s).", type(error).__name__, extra=cause)
        return True

    def _follow_folder(self) -> None:
        """Read what owners may have changed since the job began."""
        for floor, unpacks in Folder.objects.filter(pk=self.job.folder_id).values_list("floor", "unpacks"):
            self.job.folder.floor, self.job.folder.unpacks = floor, unpacks

    @property
    def bytes_done(self) -> int:
        """Return how many bytes are on disk."""
        with self.lock:
            return sum(self._bytes.values())

    def _speed(self, now: float) -> int:
        """Return the average of the last seconds in bytes/s."""
        self._samples.append((now, self._received))
        while len(self._samples) > 2 and self._samples[1][0] <= now - SPEED_SECONDS:
            self._samples.popleft()
        (began, before), (ended, after) = self._samples[0], self._samples[-1]
        return int((after - before) / (ended - began)) if ended > began else 0

    def _read_bytes(self) -> dict[int, int]:
        rows = JobFile.objects.filter(job=self.job).values_list("pk", "size", "bytes_done", "done_at")
        return {pk: size if done_at else done for pk, size, done, done_at in rows}
