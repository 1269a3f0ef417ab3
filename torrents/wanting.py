"""Which files links are wanted to: of what is ticked as many as one go allows, and how many are left."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from .media import media_kind
from .models import Torrent, TorrentFile
from .services.downloading import Wanted


def every_file(torrents: Sequence[Torrent], *, most: int, playable: bool = False) -> tuple[list[Wanted], int]:
    """The first `most` files of several torrents in their order, and how many more there are."""
    place = {torrent.pk: number for number, torrent in enumerate(torrents)}
    files = TorrentFile.objects.filter(torrent__in=place).values_list("torrent_id", "path", "pk", "mime_type")
    found = [
        (place[torrent], path, pk)
        for torrent, path, pk, mime in files.order_by().iterator(5000)
        if not playable or media_kind(path, mime)
    ]
    found.sort()
    rows = TorrentFile.objects.in_bulk([pk for _, _, pk in found[:most]])
    wanted = [Wanted(torrents[number], rows[pk]) for number, _, pk in found[:most] if pk in rows]
    return wanted, max(0, len(found) - most)


def ticked_files(
    torrent: Torrent, pks: Collection[str], folders: Collection[str], *, most: int, playable: bool = False
) -> tuple[list[Wanted], int]:
    """The files ticked themselves or by a folder above them; all when nothing is ticked."""
    tops = tuple(f"{folder}/" for folder in folders)
    files = TorrentFile.objects.filter(torrent=torrent).values_list("pk", "path", "mime_type")
    found = [
        pk
        for pk, path, mime in files.order_by("path", "pk").iterator(5000)
        if (not (pks or tops) or str(pk) in pks or path.startswith(tops))
        and (not playable or media_kind(path, mime))
    ]
    rows = TorrentFile.objects.in_bulk(found[:most])
    wanted = [Wanted(torrent, rows[pk]) for pk in found[:most] if pk in rows]
    return wanted, max(0, len(found) - most)
