"""Find and delete partial files that no job has any more, because a disk didn't answer when their job was canceled."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path

from ..engine import part_files
from ..models import Folder, JobFile
from ..slow_disks import within
from ..target_names import PARTIAL, TEMPORARY
from . import places

OLD = 24 * 3600.0  # seconds without a change
MAX_ENTRIES = 100_000
PATIENCE = 60.0


def delete_in(folder: Folder) -> int:
    """Delete what is left of canceled jobs in a folder, and return how many files and folders that were.

    Folders that held nothing else go as well, and aren't counted.
    """
    # Of all folders, because one may lie in another one.
    unfinished = JobFile.objects.filter(done_at=None).select_related("job__torrent")
    needed = {part_files.part_name(file) for file in unfinished.iterator()}
    try:
        return within(("stray parts", folder.pk), partial(_delete, folder.path, needed), PATIENCE)
    except (OSError, TimeoutError):
        return 0


def _delete(path: str, needed: set[str]) -> int:
    root, deleted = places.inside(path), 0
    for found in list(_strays(root, needed)):
        with suppress(OSError), part_files.folder_of(root, found) as folder:
            os.unlink(Path(found).name, dir_fd=folder)
            deleted += 1
            part_files.remove_empty_folders(root, found)
    with os.scandir(root) as entries:
        left = [entry.path for entry in entries if _is_temporary(entry) and _is_old(entry)]
    for temporary in left:
        shutil.rmtree(temporary, ignore_errors=True)
    return deleted + len(left)


def _strays(root: Path, needed: set[str]) -> Iterator[str]:
    """Yield the old partial files below a folder that no job needs, and those that were being unpacked, relative to it."""
    looked, folders = 0, [str(root)]
    while folders and looked < MAX_ENTRIES:
        with suppress(OSError), os.scandir(folders.pop()) as entries:
            for entry in entries:
                looked += 1
                if entry.is_dir(follow_symlinks=False):
                    folders.extend([] if _is_temporary(entry) else [entry.path])
                elif _is_stray(entry, needed):
                    yield str(Path(entry.path).relative_to(root))


def _is_stray(entry: os.DirEntry[str], needed: set[str]) -> bool:
    is_part = PARTIAL.search(entry.name) and entry.name.removesuffix(".aria2") not in needed
    is_unpacked = entry.name.startswith(TEMPORARY)  # One moves under such a name to its own.
    return bool(is_part or is_unpacked) and entry.is_file(follow_symlinks=False) and _is_old(entry)


def _is_temporary(entry: os.DirEntry[str]) -> bool:
    return entry.name.startswith(TEMPORARY) and entry.is_dir(follow_symlinks=False)


def _is_old(entry: os.DirEntry[str]) -> bool:
    try:
        return time.time() - entry.stat(follow_symlinks=False).st_mtime > OLD
    except OSError:
        return False
