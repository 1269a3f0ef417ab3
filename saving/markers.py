"""Know a folder again, so that nothing is written into an empty mount point when a disk or share isn't mounted.

The first job that saves to a folder puts a small hidden file there. From then on, a folder without it isn't the folder.
"""

from __future__ import annotations

import os
from pathlib import Path

from django.utils import timezone

from .models import Folder

NAME = ".torbox-web"
TEXT = b"TorBox Web saves files here. Without this file, it takes the folder for one that isn't mounted.\n"


def is_known(folder: Folder, root: Path) -> bool:
    """Return whether `root` is the folder that was marked. Marks one that never was. Raises OSError."""
    if Folder.objects.filter(pk=folder.pk, marked_at=None).exists():
        mark(folder, root)
        return True
    try:
        (root / NAME).lstat()
    except FileNotFoundError:
        return False
    return True


def mark(folder: Folder, root: Path) -> None:
    """Mark a folder, also one whose mark somebody has deleted. Raises OSError."""
    mode = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC
    file = os.open(root / NAME, mode, 0o666)
    try:
        os.write(file, TEXT)
    finally:
        os.close(file)
    Folder.objects.filter(pk=folder.pk).update(marked_at=timezone.now())
