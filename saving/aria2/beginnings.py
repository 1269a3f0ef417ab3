"""Leave on disk only what aria2 can continue from."""

from __future__ import annotations

import os
from pathlib import Path

from ..engine import part_files
from ..engine.part_writer import PartWriter
from ..models import JobFile


def prepare(root: Path, file: JobFile) -> tuple[int, bool]:
    """Make the folders of a file, and cut off or delete a partial file that isn't right.

    Return how many bytes there are, roughly if only aria2 knows, and whether the file is whole. Raises OSError.
    """
    make_folders(root, file)
    size = part_files.size_of(root, file)
    if part_files.size_of(root, file, part_files.CONTROL) is not None:
        if size is None:
            part_files.begin_again(root, file)
        return min(part_files.allocated(root, file), max(0, file.size - 1)), False
    if size is None:
        return 0, False
    if part_files.has_gaps(root, file):
        part_files.begin_again(root, file)
        return 0, False
    done = _cut(root, file)
    return done, done == size == file.size > 0


def make_folders(root: Path, file: JobFile) -> None:
    """Make the folders of a file. Raises OSError, so this also tells what is wrong with a disk."""
    with part_files.folder_of(root, file.target, make=True):
        pass


def _cut(root: Path, file: JobFile) -> int:
    """Cut the partial file off where it is no longer right, and return its size."""
    part = part_files.open_part(root, file)
    try:
        with PartWriter(part, file) as writer:
            return writer.offset
    finally:
        os.close(part)
