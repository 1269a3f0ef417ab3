"""Write on torrents what the list says about saving them (`Torrent.saving`)."""

from __future__ import annotations

from collections.abc import Iterable

SHOWN_EVERY = 3.0  # seconds between two writes of a running job's progress


def show(torrent_keys: Iterable[int]) -> None:
    """Write the newest unfinished job of each torrent, else one that ended today, else nothing, under a new revision.

    `saving_params`: folder (its name), path, percent (0..100), done and files (numbers), speed (bytes/s), eta (seconds),
    until (ISO, when it goes on or when it was saved), cause, free and floor (bytes), by (the name of who resumed it).
    """
    raise NotImplementedError
