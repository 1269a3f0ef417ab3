"""Where the files of a job go: names that are safe on every system, unique, and inside the folder. Pure functions."""

from __future__ import annotations

from collections.abc import Collection, Sequence


def targets(name: str, paths: Sequence[str], taken: Collection[str]) -> tuple[str, list[str]]:
    """Return the base of a job and the target of each of TorBox's `paths`, all relative to the folder.

    A single file goes into the folder itself, several go into one folder named after the torrent, with their own folders
    below it. `taken` are keys (`key`) of what exists there: if one collides, the base gets a number.
    """
    raise NotImplementedError


def key(target: str) -> str:
    """Return 64 characters that are equal for targets that any file system takes for the same."""
    raise NotImplementedError
