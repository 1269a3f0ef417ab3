"""Export a torrent as a magnet link or a .torrent file, or several as magnet links.

TorBox exports only what it downloaded itself. It refuses for cached torrents, so we export what we kept
(docs/torbox-api.md#exportdata).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import torbox
from accounts.clients import client_for
from torbox import magnets
from torrents.models import AddRequest, Torrent


class NothingToExport(Exception):
    """There is no .torrent file: TorBox has none, and the torrent wasn't added with one."""


class MagnetSource(StrEnum):
    """Where a magnet link came from."""

    TORBOX = "torbox"
    KEPT = "kept"  # the link that the torrent was added with
    BUILT = "built"  # made from the info hash


@dataclass(frozen=True)
class MagnetExport:
    """A magnet link. `refused`: TorBox won't export this torrent, as opposed to TorBox being out of reach."""

    uri: str
    source: MagnetSource = MagnetSource.TORBOX
    refused: bool = False


def magnet(torrent: Torrent) -> MagnetExport:
    """Return TorBox's magnet link, else the pasted one, else one built from the info hash. Never fails."""
    try:
        return MagnetExport(_ask_for_magnet(torrent))
    except torbox.TorBoxError as error:
        return _our_magnet(torrent, refused=isinstance(error, torbox.Refused | torbox.NotFound))


def _our_magnet(torrent: Torrent, *, refused: bool) -> MagnetExport:
    request = AddRequest.objects.filter(torrent=torrent).first()
    kept = (request.magnet if request else "") or torrent.magnet
    if kept:
        return MagnetExport(kept, MagnetSource.KEPT, refused)
    return MagnetExport(_built(torrent), MagnetSource.BUILT, refused)


def kept_magnets(torrents: Sequence[Torrent]) -> list[str]:
    """Return a magnet link for each torrent, in order, without asking TorBox once for each.

    It is the link that the torrent was added with, else TorBox's as far as we know it, else one built from the hash.
    """
    pasted = dict(
        AddRequest.objects.filter(torrent__in=torrents).exclude(magnet="").values_list("torrent_id", "magnet")
    )
    return [pasted.get(torrent.pk) or torrent.magnet or _built(torrent) for torrent in torrents]


def torrent_file(torrent: Torrent) -> bytes:
    """Return TorBox's export, else the uploaded file, else what TorBox's older call gives.

    Raises `NothingToExport`, or `torbox.TorBoxError` when TorBox is out of reach or refuses the key.
    """
    request = AddRequest.objects.filter(torrent=torrent).first()
    try:
        return _ask_for_file(torrent)
    except torbox.TorBoxError as error:
        if request and request.torrent_file:
            return bytes(request.torrent_file)
        if isinstance(error, torbox.Unavailable | torbox.RateLimited | torbox.AuthError):
            raise
    try:
        return _ask_the_older_way(torrent)
    except (torbox.Refused, torbox.NotFound):
        raise NothingToExport from None


def _ask_for_magnet(torrent: Torrent) -> str:
    remote_id = _remote_id(torrent)
    with client_for(torrent.account, somebody_waits=True) as client:
        return client.export_magnet(remote_id)


def _ask_for_file(torrent: Torrent) -> bytes:
    remote_id = _remote_id(torrent)
    with client_for(torrent.account, somebody_waits=True) as client:
        return client.export_file(remote_id)


def _ask_the_older_way(torrent: Torrent) -> bytes:
    remote_id = _remote_id(torrent)
    with client_for(torrent.account, somebody_waits=True) as client:
        return client.request_torrent_file(remote_id)


def _remote_id(torrent: Torrent) -> int:
    if torrent.remote_id is None:
        raise torbox.NotFound
    return torrent.remote_id


def _built(torrent: Torrent) -> str:
    trackers = (torrent.tracker,) if torrent.tracker else ()
    return magnets.build(torrent.info_hash, torrent.name, trackers)
