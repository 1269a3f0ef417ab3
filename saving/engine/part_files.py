"""Partial files: written beside their target, and moved to it only when they are whole.

Nothing follows a symbolic link: every folder on the way is opened from the one above it. A partial file is locked while
it is written, so that two processes never write to the same one.
"""

from __future__ import annotations

import ctypes
import errno
import fcntl
import hashlib
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath

from django.conf import settings

from ..models import JobFile
from .failures import Stopped

ENDING = ".part"
CONTROL = ".aria2"  # the ending of the file in which aria2 notes which pieces of another one it has
MAX_NAME = 255 - len(CONTROL)  # bytes
RENAME_NOREPLACE = 1
UNSUPPORTED = {errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP, errno.ENOTTY}
NO_LINKS = UNSUPPORTED | {errno.EPERM, errno.EMLINK}
NO_LOCKS = UNSUPPORTED | {errno.ENOLCK}
_WALK = getattr(os, "O_PATH", os.O_RDONLY) | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
_CHUNK = 1024 * 1024


class NotTheFile(Exception):
    """What came isn't the file that TorBox lists. `wrong`: its size, or its md5."""

    def __init__(self, wrong: str) -> None:
        super().__init__(wrong)
        self.wrong = wrong


def part_name(file: JobFile) -> str:
    """Return the name of a file's partial file. It tells which file of which torrent it belongs to.

    So what is left of another torrent's file is never continued, and what was kept of the same one is.
    """
    torrent = file.job.torrent
    mark = hashlib.sha256(f"{torrent.info_hash}/{file.remote_id}/{file.path}".encode()).hexdigest()[:8]
    ending = f".{mark}{ENDING}"
    name = PurePosixPath(file.target).name.encode()[: MAX_NAME - len(ending)]
    return name.decode(errors="ignore") + ending


def part_path(root: Path, file: JobFile) -> Path:
    """Return the path of a file's partial file, at most 255 bytes in its name."""
    return (root / file.target).parent / part_name(file)


def open_part(root: Path, file: JobFile) -> int:
    """Open the partial file without following links, lock it, and make its folders. Return the descriptor.

    Raises OSError, with EAGAIN if another process writes to it.
    """
    with folder_of(root, file.target, make=True) as folder:
        while True:
            part = os.open(part_name(file), os.O_RDWR | os.O_CREAT | _FILE, 0o666, dir_fd=folder)
            try:
                _lock(part)
                if is_named(part, part_name(file), folder):
                    return part
            except BaseException:
                os.close(part)
                raise
            os.close(part)  # Its last holder has moved or deleted it in the meantime.


def finish(root: Path, file: JobFile, *, md5: str = "", goes_on: Callable[[], bool] = lambda: True) -> None:
    """Check size and checksum, write everything to disk, and give the file its final name, atomically and without
    replacing any.

    `md5`: the file's checksum, if it is known already. Otherwise the file is read for it, with a call of `goes_on` for
    each megabyte. Raises OSError, `NotTheFile`, and `Stopped`.
    """
    name = PurePosixPath(file.target).name
    with folder_of(root, file.target) as folder:
        part = os.open(part_name(file), os.O_RDONLY | _FILE, dir_fd=folder)
        try:
            if os.fstat(part).st_size != file.size:
                raise NotTheFile("size")
            if file.md5 and (md5 or _md5(part, goes_on)) != file.md5:
                raise NotTheFile("md5")
            os.fsync(part)
            if not is_named(part, part_name(file), folder):
                # Its job was canceled, and another one may be writing under this name.
                raise FileNotFoundError(errno.ENOENT, "deleted")
            rename_new(part_name(file), name, folder)
        finally:
            os.close(part)
        _sync_folder(folder)


def is_finished(root: Path, file: JobFile) -> bool:
    """Return whether the target has the file's size and no partial file is left. Raises OSError."""
    name = PurePosixPath(file.target).name
    try:
        with folder_of(root, file.target) as folder:
            found = os.stat(name, dir_fd=folder, follow_symlinks=False)
            whole = stat.S_ISREG(found.st_mode) and found.st_size == file.size
            with suppress(FileNotFoundError):
                part = os.stat(part_name(file), dir_fd=folder, follow_symlinks=False)
                if not os.path.samestat(part, found):
                    return False
                os.unlink(part_name(file), dir_fd=folder)  # We were killed between link and unlink.
            return whole
    except (FileNotFoundError, NotADirectoryError):
        return False


def remove_part(root: Path, file: JobFile) -> None:
    """Delete the partial file, if there is one, and folders of the job that are empty then. Raises OSError."""
    begin_again(root, file)
    remove_empty_folders(root, file.target)


def remove_empty_folders(root: Path, target: str) -> None:
    """Delete the folders of a target that are empty, but never `root`."""
    for parent in list(PurePosixPath(target).parents)[:-1]:
        try:
            with folder_of(root, str(parent)) as above:
                os.rmdir(parent.name, dir_fd=above)
        except FileNotFoundError:
            continue  # Someone has moved it away.
        except OSError:
            return


def begin_again(root: Path, file: JobFile) -> None:
    """Delete the partial file, and what aria2 notes about it, but no folder. Raises OSError."""
    for name in (part_name(file), part_name(file) + CONTROL):
        with suppress(FileNotFoundError, NotADirectoryError), folder_of(root, file.target) as folder:
            os.unlink(name, dir_fd=folder)


def has_gaps(root: Path, file: JobFile) -> bool:
    """Return whether aria2 has begun the partial file, which may lack pieces before its end. Raises OSError."""
    if file.gid and (not file.size or file.bytes_done != file.size):
        return True
    return size_of(root, file, CONTROL) is not None


def size_of(root: Path, file: JobFile, ending: str = "") -> int | None:
    """Return the size of the partial file, or of the one beside it with this ending. None if there is none.

    Raises OSError, also if a link or a folder is in its place.
    """
    found = _stat(root, file, ending)
    return found and found.st_size


def allocated(root: Path, file: JobFile) -> int:
    """Return how many bytes of the partial file take space on the disk. Raises OSError."""
    found = _stat(root, file)
    return found.st_blocks * 512 if found else 0


def _stat(root: Path, file: JobFile, ending: str = "") -> os.stat_result | None:
    try:
        with folder_of(root, file.target) as folder:
            found = os.stat(part_name(file) + ending, dir_fd=folder, follow_symlinks=False)
    except (FileNotFoundError, NotADirectoryError):
        return None
    if not stat.S_ISREG(found.st_mode):
        raise PermissionError(errno.EACCES, "not a file")
    return found


def move_part(root: Path, file: JobFile, target: str) -> None:
    """Rename the partial file for another target in the same folder. Raises OSError."""
    old = part_name(file)
    new = part_name(JobFile(job=file.job, remote_id=file.remote_id, path=file.path, target=target))
    with folder_of(root, file.target) as folder:
        os.rename(old, new, src_dir_fd=folder, dst_dir_fd=folder)
        with suppress(FileNotFoundError):
            os.rename(old + CONTROL, new + CONTROL, src_dir_fd=folder, dst_dir_fd=folder)


@contextmanager
def folder_of(root: Path, target: str, *, make: bool = False, made: set[str] | None = None) -> Iterator[int]:
    """Open the folder of a target below `root`, without following links. `make`: make those that are missing.

    `root` is never made. `made` gets the paths of those that were, relative to it. SAVE_DIR itself may be a link. Yields a
    descriptor in which names can be looked up. Raises OSError.
    """
    top = settings.SAVE_DIR if settings.SAVE_DIR and root.is_relative_to(settings.SAVE_DIR) else root
    folder = os.open(top, _WALK & ~os.O_NOFOLLOW)
    try:
        for name in root.relative_to(top).parts:
            folder = _entered(folder, name)
        parts = PurePosixPath(target).parent.parts
        for number, name in enumerate(parts, 1):
            if make:
                with suppress(FileExistsError):
                    os.mkdir(name, dir_fd=folder)
                    if made is not None:
                        made.add("/".join(parts[:number]))
            folder = _entered(folder, name)
        yield folder
    finally:
        os.close(folder)


def _entered(folder: int, name: str) -> int:
    """Open a folder inside another one, which is closed then."""
    if name in ("..", "/"):
        raise PermissionError(errno.EACCES, "outside of the folder")
    inner = os.open(name, _WALK, dir_fd=folder)
    os.close(folder)
    return inner


def _lock(part: int) -> None:
    if not stat.S_ISREG(os.fstat(part).st_mode):
        raise PermissionError(errno.EACCES, "not a file")
    try:
        fcntl.flock(part, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno not in NO_LOCKS:
            raise


def is_named(part: int, name: str, folder: int) -> bool:
    """Return whether what is open has this name in a folder."""
    try:
        return os.path.samestat(os.fstat(part), os.stat(name, dir_fd=folder, follow_symlinks=False))
    except FileNotFoundError:
        return False


def _md5(part: int, goes_on: Callable[[], bool]) -> str:
    digest = hashlib.md5(usedforsecurity=False)
    offset = 0
    while chunk := os.pread(part, _CHUNK, offset):
        if not goes_on():
            raise Stopped
        digest.update(chunk)
        offset += len(chunk)
    return digest.hexdigest()


def rename_new(old: str, new: str, folder: int) -> None:
    """Rename without replacing. Raises FileExistsError."""
    try:
        _renameat2(folder, old, new)
    except OSError as error:
        if error.errno not in UNSUPPORTED:
            raise
        _link_new(old, new, folder)


def _renameat2(folder: int, old: str, new: str) -> None:
    call = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if call is None:
        raise OSError(errno.ENOSYS, "renameat2")
    if call(folder, os.fsencode(old), folder, os.fsencode(new), RENAME_NOREPLACE):
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))


def _link_new(old: str, new: str, folder: int) -> None:
    try:
        os.link(old, new, src_dir_fd=folder, dst_dir_fd=folder, follow_symlinks=False)
    except OSError as error:
        if error.errno not in NO_LINKS:
            raise
    else:
        os.unlink(old, dir_fd=folder)
        return
    # A file system that knows neither. Targets are unique among jobs, so only others could be in the way.
    with suppress(FileNotFoundError):
        os.stat(new, dir_fd=folder, follow_symlinks=False)
        raise FileExistsError(errno.EEXIST, "exists")
    os.rename(old, new, src_dir_fd=folder, dst_dir_fd=folder)


def _sync_folder(folder: int) -> None:
    """Write the new name to disk, where the file system can do that."""
    with suppress(OSError):
        readable = os.open(".", os.O_RDONLY | os.O_DIRECTORY, dir_fd=folder)
        try:
            os.fsync(readable)
        finally:
            os.close(readable)
