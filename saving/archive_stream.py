"""Read archives with `bsdtar`, which passes on their files as a plain tar stream.

It can't harm us: it may not write to disk, start programs, ask for a password, or take more memory than it needs.
"""

from __future__ import annotations

import os
import re
import resource
import select
import shutil
import subprocess
import tarfile
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from typing import IO, cast

PROGRAM = "bsdtar"
AS_TAR = ("-cf", "-", "--format=pax", "@/proc/self/fd/{}")
CONTENTS = ("-xOf", "/proc/self/fd/{}")
CHUNK = 1024 * 1024
LOOK_MS = 1000  # milliseconds between two looks whether we may go on
MEMORY = 1024**3  # bytes that the program may have; archives say how much they need
ENCRYPTED = re.compile(rb"passphrase|encrypt", re.IGNORECASE)


class CannotUnpack(Exception):
    """An archive can't be unpacked. `reason`: damaged, encrypted, unsafe, too_large, too_many, no_program, or stopped."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def is_available() -> bool:
    """Return whether the program that reads archives is installed."""
    return shutil.which(PROGRAM) is not None


@contextmanager
def opened_stream(
    files: Sequence[int], goes_on: Callable[[], bool], *, options: Sequence[str] = AS_TAR
) -> Iterator[Stream]:
    """Yield the files of an archive as a tar stream. Raises `CannotUnpack` if something is wrong with it.

    `files`: the descriptors of its parts, in order.
    """
    path = shutil.which(PROGRAM)
    if path is None:
        raise CannotUnpack("no_program")
    feeder = _Feeder(files) if len(files) > 1 else None
    source = feeder.output if feeder else files[0]
    program = subprocess.Popen(  # noqa: S603 - only fixed arguments
        [path, *(option.format(source) for option in options)],
        stdin=subprocess.DEVNULL,  # a password is read from it, if there is no terminal
        pass_fds=[source],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={"PATH": "/nonexistent", "LC_ALL": "C.UTF-8"},  # so that it can't start other programs
        cwd="/",
        start_new_session=True,  # so that it has no terminal
    )
    output, errors = cast("IO[bytes]", program.stdout), cast("IO[bytes]", program.stderr)
    complaints = _Complaints(errors)
    try:
        _limit(program.pid)
        yield Stream(output, goes_on)
        output.close()
        if program.wait():
            raise CannotUnpack("encrypted" if ENCRYPTED.search(complaints.text) else "damaged")
    except tarfile.TarError:
        raise CannotUnpack("encrypted" if ENCRYPTED.search(complaints.text) else "damaged") from None
    finally:
        program.kill()
        program.wait()
        output.close()
        complaints.join()
        if feeder:
            feeder.end()


def check(files: Sequence[int], goes_on: Callable[[], bool], size: int) -> None:
    """Read an archive once more, only to learn whether its checksums are right. Raises `CannotUnpack` if they aren't.

    On its way to a tar stream, the program passes over them. `size`: how many bytes its files have.
    """
    with opened_stream(files, goes_on, options=CONTENTS) as stream:
        if stream.rest(size) != size:
            raise CannotUnpack("damaged")


def _limit(pid: int) -> None:
    """Take memory and the right to write files away from a process."""
    limits = ((resource.RLIMIT_AS, MEMORY), (resource.RLIMIT_FSIZE, 0), (resource.RLIMIT_CORE, 0))
    for what, most in limits:
        with suppress(OSError):  # it has already ended
            resource.prlimit(pid, what, (most, most))


class Stream:
    """What the program passes on, for `tarfile`."""

    def __init__(self, output: IO[bytes], goes_on: Callable[[], bool]) -> None:
        self._output, self._goes_on = output.fileno(), goes_on
        self._poll = select.poll()
        self._poll.register(self._output, select.POLLIN | select.POLLHUP)

    def read(self, size: int) -> bytes:
        while True:
            ready = self._poll.poll(LOOK_MS)
            if not self._goes_on():
                raise CannotUnpack("stopped")
            if ready:
                return os.read(self._output, min(size, CHUNK))

    def rest(self, most: int | None = None) -> int:
        """Read what is left, and return how much that is. Stops after `most`."""
        size = 0
        while (chunk := self.read(CHUNK)) and (most is None or size <= most):
            size += len(chunk)
        return size


class _Complaints(threading.Thread):
    """Reads the messages of the program."""

    def __init__(self, errors: IO[bytes]) -> None:
        super().__init__(daemon=True)
        self._errors, self._text = errors, b""
        self.start()

    def run(self) -> None:
        with closing(self._errors):
            while chunk := self._errors.read1(4096):  # type: ignore[attr-defined]
                self._text = (self._text + chunk)[:20_000]

    @property
    def text(self) -> bytes:
        self.join(5)
        return self._text


class _Feeder(threading.Thread):
    """Passes several files on as one."""

    def __init__(self, files: Sequence[int]) -> None:
        super().__init__(daemon=True)
        self.output, self._input = os.pipe()
        self._files = files
        self.start()

    def run(self) -> None:
        with suppress(OSError):
            for file in self._files:
                offset = 0
                while chunk := os.pread(file, CHUNK, offset):
                    offset += len(chunk)
                    while chunk:
                        chunk = chunk[os.write(self._input, chunk) :]
        os.close(self._input)

    def end(self) -> None:
        os.close(self.output)
        self.join()
