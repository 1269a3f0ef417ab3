"""The magnet links of many torrents at once, from what we keep: TorBox is not asked once for each."""

from __future__ import annotations

from collections.abc import Sequence

from torbox import magnets

from ..models import AddRequest, Torrent


def kept_magnets(torrents: Sequence[Torrent]) -> list[str]:
    """For each the magnet it was added with, else TorBox's, else one built from the info hash; in order."""
    pasted = dict(
        AddRequest.objects.filter(torrent__in=torrents).exclude(magnet="").values_list("torrent_id", "magnet")
    )
    return [pasted.get(torrent.pk) or torrent.magnet or _built(torrent) for torrent in torrents]


def _built(torrent: Torrent) -> str:
    trackers = (torrent.tracker,) if torrent.tracker else ()
    return magnets.build(torrent.info_hash, torrent.name, trackers)
