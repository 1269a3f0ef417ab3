"""Partial files: written beside their target, and moved to it only when they are whole."""

from __future__ import annotations

from pathlib import Path

from ..models import JobFile

ENDING = ".part"


def part_path(root: Path, file: JobFile) -> Path:
    """Return the path of a file's partial file, at most 255 bytes in its name."""
    raise NotImplementedError


def open_part(root: Path, file: JobFile) -> int:
    """Open the partial file for appending without following links, and make its folders. Return the descriptor.

    Raises OSError.
    """
    raise NotImplementedError


def finish(root: Path, file: JobFile) -> None:
    """Check the size, write everything to disk, and give the file its final name, atomically and without replacing any.

    Raises OSError, and ValueError if it isn't whole.
    """
    raise NotImplementedError
