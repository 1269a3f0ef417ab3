"""Write to a partial file so that its size says how much of it is right, also after a crash of the machine."""

from __future__ import annotations

import hashlib
import os
import time
from contextlib import suppress
from types import TracebackType
from typing import Self

from django.db import Error

from accounts.deadlines import SKEW
from torbox.boot_clock import boot_clock

from ..models import JobFile

FLUSHED_BYTES = (
    16 * 1024 * 1024
)  # that the system begins to write to disk, so that `fsync` has little left to do
SYNCED_BYTES = 256 * 1024 * 1024  # that may have to be downloaded again after the machine lost power


class PartWriter:
    """Appends to an open partial file. `offset` is where it goes on."""

    def __init__(self, part: int, file: JobFile) -> None:
        self._part, self._file = part, file
        self.offset = self._synced = self._flushed = self._known_size()
        self._digest = hashlib.md5(usedforsecurity=False) if file.md5 and not self.offset else None
        os.ftruncate(part, self.offset)

    @property
    def md5(self) -> str:
        """Return the checksum of the file, "" if it doesn't need one, or begins with bytes that were there before."""
        return self._digest.hexdigest() if self._digest else ""

    def write(self, data: memoryview) -> None:
        """Write all of the data. Raises OSError."""
        while data:
            size = os.pwrite(self._part, data, self.offset)
            self.offset += size
            if self._digest:
                self._digest.update(data[:size])
            data = data[size:]
        if self.offset - self._flushed >= FLUSHED_BYTES:
            self._begin_to_flush()
        if self.offset - self._synced >= SYNCED_BYTES:
            self._sync()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave a file that ends where it is right. Writes to a network share may fail as late as here."""
        try:
            self._sync()
        except OSError:
            if error is None:
                raise

    def _sync(self) -> None:
        """Have everything written to disk, or else cut off what may not have got there. Raises OSError."""
        if self._synced == self.offset:
            return
        try:
            os.fsync(self._part)
        except OSError:
            self.offset = self._synced
            with suppress(OSError):
                os.ftruncate(self._part, self._synced)
            raise
        self._synced = self.offset
        with suppress(Error):  # It matters only if the machine loses power.
            JobFile.objects.filter(pk=self._file.pk).update(bytes_done=self.offset)

    def _begin_to_flush(self) -> None:
        """Have the system write to disk without waiting for it. It does that when we no longer need its cache."""
        if hasattr(os, "posix_fadvise"):
            os.posix_fadvise(self._part, self._flushed, self.offset - self._flushed, os.POSIX_FADV_DONTNEED)
        self._flushed = self.offset

    def _known_size(self) -> int:
        """Return how much of the file is right. Since the machine has started, all that was written is.

        A time that lies ahead is that of a wrong clock, and says nothing about when it was written.
        """
        found, now = os.fstat(self._part), time.time()
        size = found.st_size if found.st_size <= self._file.size or not self._file.size else 0
        is_since_start = now - boot_clock() < found.st_mtime <= now + SKEW.total_seconds()
        return size if is_since_start else min(size, self._file.bytes_done)
