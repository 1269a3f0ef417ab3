"""Download one file over HTTP, from where its partial file ends."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path

from django.conf import settings
from django.views.decorators.debug import sensitive_variables

from links.endings import NotNow
from torbox.guarded_fetch import FetchError
from torbox.streaming import Stream, open_stream
from torrents.models import Torrent

from ..models import Job, JobFile
from . import part_files, remote
from .failures import Failed, of_os_error
from .finishing import Finish
from .part_writer import PartWriter
from .patience import TRIES, Patience
from .throttle import Throttle

BUFFER = 512 * 1024  # bytes
FLUSH_SECONDS = 0.25  # until what has arrived is written, if less than BUFFER has
LITTLE = 64 * 1024  # bytes over one connection, after which we don't hurry to the next one
EMPTY_TRIES = 3  # addresses at which the CDN has nothing, until an empty file is taken for empty
WRONG_SIZES = 3  # answers with another size than TorBox's list, each from a fresh address


def download(
    torrent: Torrent,
    file: JobFile,
    root: Path,
    *,
    throttle: Throttle,
    progress: Callable[[int], None],
    goes_on: Callable[[], bool],
    tries: int = TRIES,
) -> None:
    """Bring the partial file to its full size, with fresh addresses as often as needed, and finish it.

    If it isn't the file that TorBox lists then, it is downloaded once more from the beginning. `progress` gets the bytes
    so far, once before anything is received. `tries`: how many may bring nothing. Raises `Stopped` when `goes_on` says no,
    and `failures.Blocked` or `failures.Failed`. Raises FileExistsError if there is another file under the final name.
    """
    try:
        if part_files.has_gaps(root, file):
            part_files.begin_again(root, file)
            _forget_aria2(file)
        part = part_files.open_part(root, file)
    except OSError as error:
        raise of_os_error(error) from None
    try:
        finish, is_finished = Finish(root, file, progress, goes_on), False
        while not is_finished:
            with PartWriter(part, file) as writer:
                _Download(torrent, file, writer, throttle, progress, Patience(tries, goes_on)).run()
            is_finished = finish.succeeds(partial(os.ftruncate, part, 0), writer.md5)
    except FileExistsError:
        raise
    except OSError as error:
        raise of_os_error(error) from None
    finally:
        os.close(part)


def _forget_aria2(file: JobFile) -> None:
    """Note that nothing is left of what aria2 had, so that the next run goes on with what we have."""
    file.gid, file.bytes_done = "", 0
    JobFile.objects.filter(pk=file.pk).update(gid="", bytes_done=0)


class _Download:
    """The tries to get the rest of a file."""

    def __init__(
        self,
        torrent: Torrent,
        file: JobFile,
        writer: PartWriter,
        throttle: Throttle,
        progress: Callable[[int], None],
        patience: Patience,
    ) -> None:
        self.torrent, self.file, self.writer, self.throttle = torrent, file, writer, throttle
        self.progress, self.patience = progress, patience
        self.address = ""
        self.wrong_sizes = 0
        self.is_empty = False  # the CDN has nothing, and TorBox says that there is nothing
        self.buffer = memoryview(bytearray(BUFFER))

    def __repr__(self) -> str:
        return "<_Download>"  # without the address

    def run(self) -> None:
        self.progress(self.writer.offset)
        while not self._is_whole:
            self.patience.check()
            before = self.writer.offset
            wait = self._try()
            if self._is_whole:
                return
            if self.writer.offset == before:
                self.patience.count(wait)
            else:
                self.patience.renew()
                self.patience.rest(0 if self.writer.offset - before >= LITTLE else 1)

    @property
    def _is_whole(self) -> bool:
        return self.writer.offset == self.file.size and (self.file.size > 0 or self.is_empty)

    @sensitive_variables()
    def _try(self) -> float | None:
        """Get what comes over one connection. Return the seconds to wait if nothing came, None if that isn't known."""
        was_fresh = not self.address
        try:
            self.address = self.address or remote.address_of(self.torrent, self.file)
            stream = open_stream(
                self.address,
                start=self.writer.offset,
                private_origin=settings.TORBOX_API_URL,
                waiting=self.patience.check,
            )
        except NotNow as error:
            self.patience.lack_address()
            return float(error.retry_after)
        except FetchError:
            self.address = ""
            return None
        with stream, suppress(FetchError):
            return self._take(stream, was_fresh)
        return None

    def _take(self, stream: Stream, was_fresh: bool) -> float | None:
        """Take the data of a response, if it is data."""
        if stream.status == 429 or stream.status >= 500:
            return stream.retry_after
        if stream.start is None or stream.size is None or (stream.is_page and stream.size != self.file.size):
            self.address = ""
            self.is_empty = was_fresh and self._seems_empty(stream.status)
            return None if was_fresh else 0.0
        if stream.start > self.writer.offset or not self._accepts(stream):
            self.address = ""
            return None
        self._copy(stream)
        self.is_empty = stream.size == 0
        return None

    def _seems_empty(self, status: int) -> bool:
        """Return whether there is nothing to send: TorBox lists no size either, and refusing isn't a passing error."""
        return not self.file.size and status not in (200, 206) and self.patience.fruitless >= EMPTY_TRIES - 1

    def _accepts(self, stream: Stream) -> bool:
        """Return whether a response can be the file, by its size. TorBox's list may not know that."""
        size = stream.size or 0
        if size == self.file.size:
            return True
        if not self.file.size:
            remote.learn_size(self.file, size)
            return True
        self.wrong_sizes += 1
        if self.wrong_sizes >= WRONG_SIZES:
            raise Failed(Job.Cause.SIZE, {"expected": self.file.size, "found": size})
        return False

    def _copy(self, stream: Stream) -> None:
        """Write what comes. The beginning of a response that ignores the range is skipped."""
        position = stream.start or 0
        while size := self._fill(stream):
            skipped = min(size, max(0, self.writer.offset - position))
            position += size
            self.patience.check()
            if skipped < size:
                self.writer.write(self.buffer[skipped:size])
                self.progress(self.writer.offset)

    def _fill(self, stream: Stream) -> int:
        """Read until the buffer is full or it is time to write. Return how many bytes there are, 0 at the end."""
        filled, room = 0, self.throttle.portion(BUFFER)
        until = time.monotonic() + FLUSH_SECONDS
        while filled < room:
            try:
                size = stream.read_into(self.buffer[filled:room])
            except FetchError:
                if not filled:
                    raise
                break  # What has arrived counts. The next read raises again.
            filled += size
            if not size or time.monotonic() > until:
                break
        self.throttle.take(filled)
        return filled
