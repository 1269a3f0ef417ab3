"""Create secrets on the first start and keep them next to the data."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

OTHERS = 0o077  # permissions of group and others


class NoSecret(ValueError):
    """A secret file that can't be used. The text is one line for the person who runs the instance."""


def read_or_create(path: Path, make: Callable[[], str], *, lost: str = "a new one will be created.") -> str:
    """Return the text of `path`, which is created first if it doesn't exist, readable only by its owner.

    `lost` tells people what a new secret costs them. Raises NoSecret if the file is empty or can't be read or
    written. A new value in its place would hide that the old one is lost.
    """
    try:
        if not path.exists():
            _create(path, make())
        text = path.read_text().strip()
    except (OSError, UnicodeDecodeError) as error:
        problem = getattr(error, "strerror", None) or "it isn't text"
        raise NoSecret(
            f"{path} can't be used: {problem}. Make it readable for the user that runs the app."
        ) from None
    if not text:
        raise NoSecret(f"{path} is empty. Restore it from a backup, or delete it: {lost}")
    return text


def _create(path: Path, text: str) -> None:
    """Write the file so that it is complete or absent, even after a power cut.

    Several processes may start at once in an empty folder. The file is written under another name and linked into
    place, so that exactly one value wins and no process reads half of it.
    """
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        write_and_sync(draft, text + "\n")
        with suppress(FileExistsError):
            os.link(draft, path)
        sync_folder(path.parent)
    finally:
        draft.unlink(missing_ok=True)


def write_and_sync(path: Path, text: str) -> None:
    """Write a file that only its owner can read, and wait until it is on the disk."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Wait until the file names in `folder` are on the disk too."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def keep_private(path: Path) -> None:
    """Remove all permissions of group and others from a file, unless another user owns it."""
    with suppress(FileNotFoundError, PermissionError):
        mode = path.stat().st_mode
        if mode & OTHERS:
            path.chmod(mode & ~OTHERS & 0o7777)


def private_folder(path: Path) -> Path:
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path
