"""Unpack archives after saving, without leaving the folder and without filling the disk.

Files are written into a temporary folder, under names of ours, and get their own names only when all are there.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import shutil
import stat
import tarfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from links.target_paths import shortened, unique_paths

from .archive_stream import CHUNK, CannotUnpack, Stream, check, is_available, opened_stream
from .engine import part_files
from .target_names import TEMPORARY, unlike_partial

__all__ = ["TEMPORARY", "CannotUnpack", "Limits", "archives", "is_available", "parts_of", "unpack"]

MAGIC = (b"PK\x03\x04", b"PK\x05\x06", b"7z\xbc\xaf\x27\x1c", b"Rar!\x1a\x07")
MAX_FILES = 50_000
MAX_RATIO, ALWAYS = 100, 1000**3  # times the size of the archive, but at least 1 GB
CHECKED = 64 * 1024 * 1024  # bytes between two looks at the disk
MAX_DEPTH, MAX_SAME = 30, 1000
PART = re.compile(r"\.part(\d+)\.rar$", re.IGNORECASE)
LATER_PART = re.compile(r"\.([r-z]\d\d)$", re.IGNORECASE)
DRIVE = re.compile(r"[A-Za-z]:/")


@dataclass(frozen=True)
class Unpacked:
    """A file that an archive held: where it is, and its size in bytes. `is_new`: it wasn't there before."""

    target: str
    size: int
    is_new: bool


@dataclass
class Limits:
    """`room` returns how many bytes may still be written, `goes_on` whether we may go on, and `holds_claim` whether nobody
    else can have begun with the same archive.
    """

    room: Callable[[], int]
    goes_on: Callable[[], bool]
    holds_claim: Callable[[], bool] = lambda: True
    most: int = ALWAYS
    written: int = field(default=0, init=False)
    _checked: int = field(default=0, init=False)

    def look(self) -> None:
        """Raise `CannotUnpack` if we may not go on."""
        if not self.goes_on():
            raise CannotUnpack("stopped")

    def announce(self, size: int) -> None:
        """Check the size of a file before it comes. Raises `CannotUnpack`."""
        if self.written + size > self.most or size > self.room():
            raise CannotUnpack("too_large")

    def count(self, size: int) -> None:
        """Note that bytes are written. Raises `CannotUnpack`."""
        self.written += size
        if self.written > self.most:
            raise CannotUnpack("too_large")
        if self.written - self._checked >= CHECKED:
            self._checked = self.written
            if self.room() <= 0:
                raise CannotUnpack("too_large")


def archives(paths: Iterable[str]) -> list[str]:
    """Return the archives among files: zip, 7z, and the first part of each rar."""
    return [path for path in paths if _is_first(path)]


def _is_first(path: str) -> bool:
    part = PART.search(path)
    return int(part[1]) == 1 if part else path.lower().endswith((".zip", ".7z", ".rar"))


def parts_of(archive: str, paths: Iterable[str]) -> list[str]:
    """Return the files that an archive consists of, in order: `.part1.rar`, `.part2.rar`, or `.rar`, `.r00`, `.r01`."""
    if found := PART.search(archive):
        stem = archive[: found.start()]
        numbers = {
            int(part[1]): path
            for path in paths
            if (part := PART.search(path)) and path[: part.start()] == stem
        }
        return [numbers[number] for number in sorted(numbers)]
    stem = archive[:-4]
    later = [path for path in paths if LATER_PART.search(path) and path[:-4] == stem]
    return [archive, *sorted(later, key=str.lower)] if archive.lower().endswith(".rar") else [archive]


def unpack(root: Path, parts: Sequence[str], into: str, limits: Limits) -> list[Unpacked]:
    """Unpack an archive that consists of `parts`, all or nothing, and return the files that it held.

    `parts` and `into` are relative to `root`. Nothing is replaced: a file that is there already is left alone if it is the
    same, and otherwise the new one gets a number. Raises `CannotUnpack`, and OSError.
    """
    with ExitStack() as stack:
        opened = [stack.enter_context(_opened(root, part)) for part in parts]
        if not os.pread(opened[0], 8, 0).startswith(MAGIC):
            raise CannotUnpack("damaged")
        limits.most = max(ALWAYS, MAX_RATIO * sum(os.fstat(part).st_size for part in opened))
        folder = stack.enter_context(part_files.folder_of(root, "file"))
        temporary = TEMPORARY + hashlib.sha256(parts[0].encode()).hexdigest()[:8]
        inside = stack.enter_context(_temporary(folder, temporary))
        with opened_stream(opened, limits.goes_on) as stream:
            names = _write(stream, inside, limits)
        check(opened, limits.goes_on, limits.written)
        targets = [f"{into}/{name}".lstrip("/") for name in unique_paths(map(unlike_partial, names))]
        return _place(root, inside, targets, limits)


@contextmanager
def _opened(root: Path, target: str) -> Iterator[int]:
    with part_files.folder_of(root, target) as folder:
        file = os.open(PurePosixPath(target).name, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=folder)
    try:
        yield file
    finally:
        os.close(file)


@contextmanager
def _temporary(folder: int, name: str) -> Iterator[int]:
    """Make an empty folder, yield its descriptor, and delete it afterwards. One that is left from before is deleted.

    One of the same name that another process has made meanwhile, because it took the job over, stays.
    """
    shutil.rmtree(name, ignore_errors=True, dir_fd=folder)
    os.mkdir(name, dir_fd=folder)
    inside = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=folder)
    try:
        yield inside
    finally:
        if part_files.is_named(inside, name, folder):
            shutil.rmtree(name, ignore_errors=True, dir_fd=folder)
        os.close(inside)


def _write(stream: Stream, inside: int, limits: Limits) -> list[str]:
    """Write the files of a tar stream as `0`, `1`, and so on, and return their names."""
    names: list[str] = []
    with tarfile.open(fileobj=stream, mode="r|", bufsize=CHUNK, errors="surrogateescape") as tar:  # type: ignore[call-overload]
        for member in tar:
            tar.members.clear()
            name = _checked_name(member)
            if member.isdir():
                continue
            if not member.isreg():
                raise CannotUnpack("unsafe")
            if len(names) >= MAX_FILES:
                raise CannotUnpack("too_many")
            limits.announce(member.size)
            content = tar.extractfile(member)
            if content is None:
                raise CannotUnpack("damaged")
            mode = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
            with os.fdopen(os.open(str(len(names)), mode, 0o666, dir_fd=inside), "wb") as file:
                while chunk := content.read(CHUNK):
                    limits.count(len(chunk))
                    file.write(chunk)
                file.flush()
                os.fsync(file.fileno())
            names.append(name)
    stream.rest()
    return names


def _checked_name(member: tarfile.TarInfo) -> str:
    """Return the name of a file, with at most MAX_DEPTH folders. Raises `CannotUnpack` if it leads outside."""
    name = member.name.encode(errors="surrogateescape").decode(errors="replace").replace("\\", "/")
    parts = name.split("/")
    if name.startswith("/") or DRIVE.match(name) or ".." in parts:
        raise CannotUnpack("unsafe")
    return "/".join([*parts[:-1][:MAX_DEPTH], parts[-1]])


def _place(root: Path, inside: int, targets: Sequence[str], limits: Limits) -> list[Unpacked]:
    """Give the files their final names, and return them. If one can't get it, none does."""
    placed: list[Unpacked] = []
    made: set[str] = set()
    try:
        for number, target in enumerate(targets):
            limits.look()
            placed.append(_placed(root, inside, str(number), target, limits, made))
    except BaseException:
        _take_back(root, placed, made, limits)
        raise
    return placed


def _take_back(root: Path, placed: Sequence[Unpacked], made: Iterable[str], limits: Limits) -> None:
    """Delete files that got their names, and the folders that were made for them if they are empty then."""
    for file in placed:
        if not limits.holds_claim():
            return  # Who has the job now may count on what is there.
        if file.is_new:
            with suppress(OSError), part_files.folder_of(root, file.target) as folder:
                os.unlink(PurePosixPath(file.target).name, dir_fd=folder)
    for path in sorted(made, reverse=True):  # the inner ones first
        if not limits.holds_claim():
            return
        with suppress(OSError), part_files.folder_of(root, path) as above:
            os.rmdir(PurePosixPath(path).name, dir_fd=above)


def _placed(root: Path, inside: int, file: str, target: str, limits: Limits, made: set[str]) -> Unpacked:
    """Move a file to its target, or a free name beside it, unless the same file is there already.

    `made` gets the folders that weren't there.
    """
    with part_files.folder_of(root, target, make=True, made=made) as folder:
        wanted = PurePosixPath(target)
        moving = f"{TEMPORARY}{secrets.token_hex(8)}"  # Another job may unpack into the same folder.
        os.rename(file, moving, src_dir_fd=inside, dst_dir_fd=folder)
        size = os.stat(moving, dir_fd=folder, follow_symlinks=False).st_size
        try:
            for number in range(1, MAX_SAME):
                name = shortened(wanted.name, number=number)
                try:
                    part_files.rename_new(moving, name, folder)
                    return Unpacked(str(wanted.parent / name), size, is_new=True)
                except FileExistsError:
                    if _is_same(moving, name, folder, limits):
                        return Unpacked(str(wanted.parent / name), size, is_new=False)
            raise CannotUnpack("too_many")
        finally:
            with suppress(FileNotFoundError):
                os.unlink(moving, dir_fd=folder)


def _is_same(one: str, other: str, folder: int, limits: Limits) -> bool:
    """Return whether two names in a folder are files with the same content."""
    mode = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    with ExitStack() as stack:
        try:
            files = [os.fdopen(os.open(name, mode, dir_fd=folder), "rb") for name in (one, other)]
        except OSError:
            return False
        ours, theirs = map(stack.enter_context, files)
        facts = os.fstat(theirs.fileno())
        if not stat.S_ISREG(facts.st_mode) or facts.st_size != os.fstat(ours.fileno()).st_size:
            return False
        while chunk := ours.read(CHUNK):
            limits.look()
            if chunk != theirs.read(CHUNK):
                return False
        return True
