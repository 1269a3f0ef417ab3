"""A named pipe that tells waiting workers of new messages in the queue's folder, so that they needn't look all the time.

A ring is only a hint. Where the file system has no named pipes, or if a ring is missed, messages wait until a worker
looks again.
"""

from __future__ import annotations

import os
import select
from contextlib import suppress
from pathlib import Path

HEARD = 4096  # bytes to read at once, one per ring


class Bell:
    """The bell at `path`. Any number of processes may ring it or listen to it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._pipe: int | None = None

    def ring(self) -> None:
        """Wake everyone who listens. Does nothing if nobody does, or if they haven't heard the last rings yet."""
        with suppress(OSError):
            pipe = os.open(self.path, os.O_WRONLY | os.O_NONBLOCK)
            try:
                os.write(pipe, b"\n")
            finally:
                os.close(pipe)

    def listen(self) -> bool:
        """Hear every ring from now on. Return False if that isn't possible here."""
        if not self._is_ours():
            self.close()
            with suppress(OSError):
                self._open()
        return self._pipe is not None

    def wait(self, seconds: float) -> None:
        """Wait for a ring since `listen`, at most this long."""
        if self._pipe is None:
            return
        select.select([self._pipe], [], [], seconds)
        with suppress(BlockingIOError):  # another process has heard it too
            os.read(self._pipe, HEARD)

    def close(self) -> None:
        """Stop listening."""
        if self._pipe is not None:
            os.close(self._pipe)
            self._pipe = None

    def _is_ours(self) -> bool:
        """Return whether the pipe that we have open is the one that others ring. The folder may have been deleted."""
        if self._pipe is None:
            return False
        with suppress(OSError):
            return os.path.samestat(self.path.stat(), os.fstat(self._pipe))
        return False

    def _open(self) -> None:
        with suppress(FileExistsError):
            os.mkfifo(self.path, 0o600)
        # Also for writing, or the pipe would count as readable after every ring, when the ringer closes it.
        self._pipe = os.open(self.path, os.O_RDWR | os.O_NONBLOCK)
