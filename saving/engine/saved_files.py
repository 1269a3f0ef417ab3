"""Delete what was saved, and only that."""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from pathlib import Path, PurePosixPath

from . import part_files


def remove_whole(root: Path, target: str, size: int) -> None:
    """Delete a file of this size that was saved to a target, if it is there, and folders that are empty then.

    A link, a folder, or a file of another size isn't ours, and stays. Raises OSError.
    """
    name = PurePosixPath(target).name
    with suppress(FileNotFoundError, NotADirectoryError), part_files.folder_of(root, target) as folder:
        found = os.stat(name, dir_fd=folder, follow_symlinks=False)
        if stat.S_ISREG(found.st_mode) and found.st_size == size:
            os.unlink(name, dir_fd=folder)
    part_files.remove_empty_folders(root, target)
