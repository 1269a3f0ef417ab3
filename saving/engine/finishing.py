"""Give a file that has arrived whole its name, if it is the one that TorBox lists."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ..models import Job, JobFile
from . import part_files
from .failures import Failed, Stopped

MAX_WRONG = 2  # times that a whole file may be another than the listed one, until it fails


class Finish:
    """The end of a download, for either engine. It is tried once more from the beginning if something else came."""

    def __init__(
        self, root: Path, file: JobFile, progress: Callable[[int], None], goes_on: Callable[[], bool]
    ) -> None:
        self._root, self._file = root, file
        self._progress, self._goes_on = progress, goes_on
        self._wrong = 0

    def succeeds(self, empty: Callable[[], None], md5: str = "") -> bool:
        """Return whether the file has its name. If not, `empty` was called to throw away what came.

        `md5`: its checksum, if that is known already. Raises `Stopped`, OSError, and `Failed` the second time.
        """
        file = self._file
        self._progress(file.size)
        if not self._goes_on():
            raise Stopped
        try:
            part_files.finish(self._root, file, md5=md5, goes_on=self._goes_on)
        except part_files.NotTheFile as error:
            empty()
            self._forget()
            self._wrong += 1
            if self._wrong >= MAX_WRONG:
                raise Failed(Job.Cause.SIZE, {"wrong": error.wrong}) from None
            return False
        return True

    def _forget(self) -> None:
        """Note that no byte of the file is there any more."""
        self._file.bytes_done = 0
        JobFile.objects.filter(pk=self._file.pk).update(bytes_done=0)
        self._progress(0)
