"""Test that aria2 works, and that both of us see the same folders."""

from __future__ import annotations

import errno
import os
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from django.conf import settings

from ..models import Folder, Job
from ..services import folders, places
from . import transfers
from .rpc import Aria2, Aria2Error, Reason, client
from .transfers import Status

SECONDS = 15.0  # for one download of some bytes
SEEN_SECONDS = 5.0
PREFIX = ".torbox-web-test-"
TEXT = b"TorBox Web can write here."
EXISTS = 13  # aria2's numbers
CANNOT_WRITE = {9, 15, 16, 17, 18}
MOST_FOLDERS = 5


def test() -> None:
    """Have aria2 write a file into each folder as it sees it and read that here, then the other way round.

    Raises `Aria2Error` if aria2 doesn't answer or can't download, and `folders.Unusable` if it sees another folder.
    """
    aria2 = client()
    aria2.call("getVersion")
    paths = list(Folder.objects.values_list("path", flat=True)[:MOST_FOLDERS])
    for path in paths or [""]:
        try:
            _test(aria2, places.inside(path))
        except OSError:
            raise folders.Unusable(Job.Cause.MISSING) from None


test.__test__ = False  # type: ignore[attr-defined]


def _test(aria2: Aria2, root: Path) -> None:
    theirs, mine = (root / f"{PREFIX}{secrets.token_hex(8)}" for _ in range(2))
    with _deleted(theirs), _deleted(mine):
        _check_written(_downloaded(aria2, theirs), theirs)
        _write(mine)
        if _downloaded(aria2, mine).code != EXISTS:
            raise folders.Unusable(Job.Cause.ARIA2_FOLDER)


def _check_written(found: Status, file: Path) -> None:
    """Raise an error unless aria2 wrote the file, and we see that."""
    if found.code in CANNOT_WRITE:
        raise folders.Unusable(Job.Cause.ARIA2_FOLDER)
    if found.status != "complete":
        raise Aria2Error(Reason.DOWNLOAD)
    until = time.monotonic() + SEEN_SECONDS
    while not file.is_file():
        if time.monotonic() > until:
            raise folders.Unusable(Job.Cause.ARIA2_FOLDER)
        time.sleep(0.1)
    try:
        with file.open("rb") as opened:
            opened.read(1)
    except PermissionError:
        raise folders.Unusable(Job.Cause.DENIED) from None


def _downloaded(aria2: Aria2, file: Path) -> Status:
    """Have aria2 save TorBox's few words about itself, and return how that ended."""
    gid = secrets.token_hex(8)  # not one that `tidy` would take for a stray
    try:
        address, options = f"{settings.TORBOX_API_URL}/", {"max-tries": "2", "continue": "false"}
        transfers.begin(aria2, gid, address, file, **options)
        until = time.monotonic() + SECONDS
        while time.monotonic() < until:
            found = transfers.status_of(aria2, gid)
            if found is None or found.is_over:
                return found or Status()
            time.sleep(0.1)
        return Status()
    finally:
        with suppress(Aria2Error):
            transfers.forget(aria2, gid)


def _write(file: Path) -> None:
    try:
        opened = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o644)
    except PermissionError:
        raise folders.Unusable(Job.Cause.DENIED) from None
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        raise folders.Unusable(Job.Cause.FULL if full else Job.Cause.MISSING) from None
    try:
        os.write(opened, TEXT)
    finally:
        os.close(opened)


@contextmanager
def _deleted(file: Path) -> Iterator[None]:
    """Delete a file afterwards, and what aria2 may have left beside it."""
    try:
        yield
    finally:
        for path in (file, file.with_name(f"{file.name}.aria2")):
            with suppress(OSError):
                path.unlink()
