"""Where folders are on disk: below SAVE_DIR, without a symbolic link on the way."""

from __future__ import annotations

import errno
import stat
from pathlib import Path, PurePosixPath

from django.conf import settings

MAX_PATH, MAX_PART = 500, 255  # characters of a path, and bytes of one name in it


class Outside(ValueError):
    """A path is absolute or has `..`."""


def cleaned(path: str) -> str:
    """Return a path as it is stored: relative to SAVE_DIR, "" for SAVE_DIR itself.

    It may be given with SAVE_DIR in front. Raises `Outside`, and ValueError if it can't be a path.
    """
    top = PurePosixPath(str(settings.SAVE_DIR))
    given = PurePosixPath(path.strip())
    if given.is_relative_to(top):
        given = given.relative_to(top)
    if given.is_absolute() or ".." in given.parts:
        raise Outside
    relative = "/".join(given.parts)
    if len(relative) > MAX_PATH or not all(map(_is_name, given.parts)):
        raise ValueError
    return relative


def inside(path: str) -> Path:
    """Return where a stored path is. Raises OSError if it isn't there, or a symbolic link is on the way."""
    if settings.SAVE_DIR is None:
        raise OSError(errno.ENOENT, "SAVE_DIR isn't set")
    found = Path(settings.SAVE_DIR)
    found.stat()
    parts = PurePosixPath(path)
    if parts.is_absolute() or ".." in parts.parts:
        raise OSError(errno.EACCES, "outside of SAVE_DIR")
    for part in parts.parts:
        found /= part
        mode = found.lstat().st_mode
        if stat.S_ISLNK(mode):  # It may lead outside, now or later.
            raise OSError(errno.ELOOP, "a symbolic link")
        if not stat.S_ISDIR(mode):
            raise OSError(errno.ENOENT, "not a folder")
    return found


def _is_name(part: str) -> bool:
    try:
        return part.isprintable() and len(part.encode()) <= MAX_PART
    except UnicodeEncodeError:
        return False
