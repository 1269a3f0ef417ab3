"""Start saving: a torrent or many, all of their files or chosen ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from accounts.models import User
from torrents.models import Torrent, TorrentFile

from ..models import Folder, Job, Rule


class NotAllowed(Exception):
    """The person may not save to this folder."""


def save(
    *,
    person: User | None,
    torrents: Sequence[Torrent],
    folder: Folder,
    files: Mapping[int, Sequence[TorrentFile]] | None = None,
    rule: Rule | None = None,
) -> list[Job]:
    """Make a job for each torrent that is ready, at the end of the queue, and hint the saver.

    `files`: those to save, by the key of their torrent; without it, all. What is saved there already, or is being saved,
    is left out, so a second click changes nothing. Raises `NotAllowed`.
    """
    raise NotImplementedError


def undo(*, person: User, keys: Sequence[int]) -> int:
    """Take back jobs that a person started less than a minute ago, with their partial files. Return how many."""
    raise NotImplementedError
