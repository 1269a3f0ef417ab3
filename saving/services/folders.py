"""The folders below SAVE_DIR: make, change, and remove them, and look at their space."""

from __future__ import annotations

import errno
import os
import secrets
from collections.abc import Callable, Hashable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any, TypeVar

from django.conf import settings
from django.db import DatabaseError, IntegrityError, transaction

from accounts.models import User
from accounts.transactions import in_transaction, lock_accounts

from .. import markers
from ..models import Folder, Job, JobFile
from ..slow_disks import all_within, within
from . import leftovers, places, showing

Cause = Job.Cause
T = TypeVar("T")
CHECK_SECONDS = 10.0
TEST_FILE = ".torbox-web-test-"
TEXT = b"TorBox Web can write here."
FIELDS = {"name", "path", "floor", "for_everyone", "people", "after", "after_days", "unpacks"}
CAUSES = {
    errno.EACCES: Cause.DENIED,
    errno.EPERM: Cause.DENIED,
    errno.ELOOP: Cause.DENIED,
    errno.EROFS: Cause.READ_ONLY,
    errno.ENOSPC: Cause.FULL,
    errno.EDQUOT: Cause.FULL,
    errno.ENAMETOOLONG: Cause.NAME,
    errno.EINVAL: Cause.NAME,
    errno.EILSEQ: Cause.NAME,
}


class Refusal(StrEnum):
    """Why a folder isn't made or changed, beside the causes that its disk may have."""

    NAME_TAKEN = "name_taken"
    PATH_TAKEN = "path_taken"  # another folder here is the same one on disk
    OUTSIDE = "outside"  # absolute, with `..`, or through a symbolic link
    BUSY = "busy"  # its path can't change while something is being saved to it
    UNMARKED = "unmarked"  # it was known, and lacks the file by which we know it


class Unusable(Exception):
    """A folder can't be used. `cause` is one of `Job.Cause`, or for `add`, `change`, and `check` also a `Refusal`."""

    def __init__(self, cause: str) -> None:
        super().__init__(cause)
        self.cause = cause


@dataclass(frozen=True)
class Space:
    """The space of a file system, in bytes. `cause`: why the folder can't be used, "" if it can."""

    free: int = 0
    total: int = 0
    cause: str = Job.Cause.NONE


NO_ANSWER = Space(cause=Cause.MISSING)


def is_on() -> bool:
    """Return whether SAVE_DIR is set."""
    return settings.SAVE_DIR is not None


def where(folder: Folder) -> Path:
    """Return the folder's real path, which lies inside SAVE_DIR. Raises `Unusable`."""
    with _causes():
        return places.inside(folder.path)


def space(folder: Folder) -> Space:
    """Return the space where a folder is. Takes at most two seconds, also for a share that doesn't answer."""
    return spaces([folder])[folder.pk]


def spaces(folders: Iterable[Folder]) -> dict[int, Space]:
    """Return the space of several folders by key, in at most two seconds for all of them."""
    known = {folder.pk: folder for folder in folders}
    found = all_within({("space", pk, folder.path): partial(_space, folder) for pk, folder in known.items()})
    return {pk: found.get(("space", pk, folder.path), NO_ANSWER) for pk, folder in known.items()}


def check(folder: Folder, *, marks: bool = False) -> None:
    """Write a file, read it, and delete it, and mark the folder if nobody ever has. Raises `Unusable`.

    A folder that has lost its mark counts as one that isn't mounted, whatever else is there. Nothing is written to it,
    unless an owner says that it's the right one (`marks`).
    """
    is_marked = folder.marked_at is not None and not marks
    root = _bounded(
        ("check", folder.path, is_marked), partial(_write_and_read, folder.path, is_marked=is_marked)
    )
    if not is_marked:
        with _causes():
            markers.mark(folder, root)


def add(*, owner: User, **fields: Any) -> Folder:
    """Make a folder, on disk too if it isn't there. Raises `Unusable`."""
    return _write(Folder(), **fields)


def change(folder: Folder, **fields: Any) -> Folder:
    """Change name, path, floor, people, or what happens afterwards. Raises `Unusable`.

    The path can't change while something is being saved there. What was saved stays where it is.
    """
    row = Folder.objects.filter(pk=folder.pk).first()
    if row is None:
        raise Unusable(Cause.MISSING)
    return _write(row, **fields)


@in_transaction
def remove(folder: Folder) -> None:
    """Remove a folder here, with its unfinished jobs and rules. Files on disk stay."""
    lock_accounts(folder.jobs.order_by().values_list("account_id", flat=True))
    Folder.objects.select_for_update().filter(pk=folder.pk).first()
    torrents = list(folder.jobs.order_by().values_list("torrent_id", flat=True).distinct())
    begun = JobFile.objects.filter(job__folder=folder, job__ended_at=None, done_at=None)
    leftovers.delete_on_commit(begun.select_related("job__torrent"))
    Folder.objects.filter(pk=folder.pk).delete()
    showing.show(torrents)


def _cleaned(path: str) -> str:
    try:
        return places.cleaned(path)
    except places.Outside:
        raise Unusable(Refusal.OUTSIDE) from None
    except ValueError:
        raise Unusable(Cause.NAME) from None


def _write(folder: Folder, **fields: Any) -> Folder:
    if unknown := fields.keys() - FIELDS:
        raise TypeError(f"A folder has no {', '.join(sorted(unknown))}.")
    if "path" in fields:
        fields["path"] = _cleaned(fields["path"])
    _check_name(folder, fields.get("name", folder.name))
    path = fields.get("path", folder.path)
    if moves := folder.pk is None or path != folder.path:
        _check_idle(folder)
        others = list(Folder.objects.exclude(pk=folder.pk).values_list("path", flat=True))
        _bounded(("make", path), partial(_make, path, others))  # before anything is locked
        fields["marked_at"] = None  # it is another folder on disk
    return _store(folder, moves=moves, **fields)


@in_transaction
def _store(folder: Folder, *, moves: bool, people: Iterable[User] | None = None, **fields: Any) -> Folder:
    if folder.pk is not None:
        Folder.objects.select_for_update().filter(pk=folder.pk).first()
        if moves:
            _check_idle(folder)
    for name, value in fields.items():
        setattr(folder, name, value)
    try:
        with transaction.atomic():
            folder.save(update_fields=None if folder.pk is None else list(fields))
    except IntegrityError:  # someone else has just made one
        _check_name(folder, folder.name)
        raise Unusable(Refusal.PATH_TAKEN) from None
    except DatabaseError:
        if Folder.objects.filter(pk=folder.pk).exists():
            raise
        raise Unusable(Cause.MISSING) from None  # someone else has just removed it
    if people is not None:
        folder.people.set(people)
    return folder


def _check_name(folder: Folder, name: str) -> None:
    if Folder.objects.exclude(pk=folder.pk).filter(name__iexact=name).exists():
        raise Unusable(Refusal.NAME_TAKEN)


def _check_idle(folder: Folder) -> None:
    if folder.pk is not None and folder.jobs.filter(ended_at=None).exists():
        raise Unusable(Refusal.BUSY)


def _bounded(what: Hashable, look: Callable[[], T]) -> T:
    """Do something on disk. Raises `Unusable`, also if the disk doesn't answer."""
    with _causes():
        return within(what, look, CHECK_SECONDS)


@contextmanager
def _causes() -> Iterator[None]:
    try:
        yield
    except TimeoutError:
        raise Unusable(Cause.MISSING) from None
    except OSError as error:
        raise Unusable(_cause(error)) from None


def _cause(error: OSError) -> str:
    return CAUSES.get(error.errno or 0, Cause.MISSING)


def _space(folder: Folder) -> Space:
    try:
        root = places.inside(folder.path)
        if folder.marked_at:
            (root / markers.NAME).lstat()  # Without it, this is an empty mount point.
        found = os.statvfs(root)
    except OSError as error:
        return Space(cause=_cause(error))
    return Space(found.f_bavail * found.f_frsize, found.f_blocks * found.f_frsize)


def _make(path: str, others: Iterable[str]) -> None:
    """Make a folder on disk, unless it is there. Raises OSError and `Unusable`."""
    made = places.inside("")
    for part in PurePosixPath(path).parts:
        made /= part
        with suppress(FileExistsError):
            made.mkdir()
            with suppress(
                OSError
            ):  # This process has another umask. Some shares have permissions of their own.
                made.chmod(0o777 & ~settings.UMASK)
        if made.is_symlink():
            raise Unusable(Refusal.OUTSIDE)
    places.inside(path)
    for other in others:
        try:
            same = places.inside(other).samefile(made)
        except OSError:
            continue
        if same:
            raise Unusable(Refusal.PATH_TAKEN)


def _write_and_read(path: str, *, is_marked: bool) -> Path:
    root = places.inside(path)
    if is_marked:
        try:
            (root / markers.NAME).lstat()
        except FileNotFoundError:
            raise Unusable(Refusal.UNMARKED) from None
    file = root / f"{TEST_FILE}{secrets.token_hex(8)}"
    mode = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    opened = os.open(file, mode, 0o600)
    try:
        os.write(opened, TEXT)
        os.fsync(opened)
        if os.pread(opened, len(TEXT) + 1, 0) != TEXT:
            raise OSError(errno.EIO, "what was written isn't there")
    finally:
        os.close(opened)
        file.unlink()
    return root
