"""Give a torrent back as a magnet link or a .torrent file.

TorBox exports only what it downloaded itself; for cached torrents it refuses, and we give what we kept
(docs/torbox-api.md#exportdata).
"""

from __future__ import annotations

from dataclasses import dataclass

import torbox
from accounts.clients import client_for
from torbox import magnets

from ..models import AddRequest, Torrent

REFUSED = "TorBox does not export this one"
NOT_ASKED = "TorBox cannot be asked just now"
KEPT = "{}; this is the magnet link it was added with."
BUILT = "{}; this magnet link was built from its info hash."
NO_FILE = (
    "TorBox has no .torrent file of this one to give, and it was not added with one. The magnet link works."
)


class NothingToExport(Exception):
    """There is no .torrent file to be had; the message is a sentence for a person."""


@dataclass(frozen=True)
class MagnetExport:
    """The link, and where it came from when not from TorBox."""

    uri: str
    note: str = ""


def magnet(torrent: Torrent) -> MagnetExport:
    """TorBox's own magnet, else the one that was pasted, else one built from the hash. Never fails."""
    try:
        return MagnetExport(_ask_for_magnet(torrent))
    except torbox.TorBoxError as error:
        final = isinstance(error, torbox.Refused | torbox.NotFound)
        return _our_magnet(torrent, REFUSED if final else NOT_ASKED)


def _our_magnet(torrent: Torrent, reason: str) -> MagnetExport:
    request = AddRequest.objects.filter(torrent=torrent).first()
    kept = (request.magnet if request else "") or torrent.magnet
    if kept:
        return MagnetExport(kept, KEPT.format(reason))
    trackers = (torrent.tracker,) if torrent.tracker else ()
    return MagnetExport(magnets.build(torrent.info_hash, torrent.name, trackers), BUILT.format(reason))


def torrent_file(torrent: Torrent) -> bytes:
    """TorBox's export, else the file that was uploaded, else TorBox's older way. Raises `NothingToExport`."""
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
        raise NothingToExport(NO_FILE) from None


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
        raise torbox.NotFound("TorBox does not have this torrent.")
    return torrent.remote_id
