"""Which files to get links to: as many of the selected ones as a single request allows, and how many are left."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

from torrents.folding import path_key
from torrents.media import media_kind
from torrents.models import Torrent, TorrentFile

from .services.downloading import Wanted


class FoundFile(NamedTuple):
    path: str
    pk: int


def every_file(torrents: Sequence[Torrent], *, most: int, playable: bool = False) -> tuple[list[Wanted], int]:
    """Return the first `most` files of several torrents in their order, and how many more there are."""
    found: dict[int, list[FoundFile]] = {torrent.pk: [] for torrent in torrents}
    files = TorrentFile.objects.filter(torrent__in=found).values_list("torrent_id", "path", "pk", "mime_type")
    for torrent_pk, path, pk, mime in files.order_by().iterator(5000):
        if not playable or media_kind(path, mime):
            found[torrent_pk].append(FoundFile(path, pk))
    wanted: list[tuple[Torrent, int]] = []
    for torrent in torrents:
        if len(wanted) < most:
            wanted += [(torrent, pk) for pk in _in_order(found[torrent.pk])]
    return _with_rows(wanted[:most]), max(0, sum(map(len, found.values())) - most)


def ticked_files(
    torrent: Torrent, pks: Collection[str], folders: Collection[str], *, most: int, playable: bool = False
) -> tuple[list[Wanted], int]:
    """Return the files that are ticked, themselves or by a folder above them; all if nothing is ticked.

    At most `most` of them, and how many more there are.
    """
    tops = tuple(f"{folder}/" for folder in folders)
    files = TorrentFile.objects.filter(torrent=torrent).values_list("pk", "path", "mime_type")
    found = [
        FoundFile(path, pk)
        for pk, path, mime in files.order_by().iterator(5000)
        if (not (pks or tops) or str(pk) in pks or path.startswith(tops))
        and (not playable or media_kind(path, mime))
    ]
    return _with_rows([(torrent, pk) for pk in _in_order(found)[:most]]), max(0, len(found) - most)


def _in_order(files: Iterable[FoundFile]) -> list[int]:
    """Return the keys of `files` in the order of a file tree."""
    return [file.pk for file in sorted(files, key=lambda file: (path_key(file.path), file))]


def _with_rows(wanted: Sequence[tuple[Torrent, int]]) -> list[Wanted]:
    rows = TorrentFile.objects.in_bulk([pk for _, pk in wanted])
    return [Wanted(torrent, rows[pk]) for torrent, pk in wanted if pk in rows]
