"""Telling what a list read from TorBox says that a row does not: digests, and which of two sayings counts."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from itertools import islice
from typing import Any

from django.db.models import Exists, OuterRef, Q

import torbox
from accounts.models import TorBoxAccount

from ..models import AddRequest, RequestState, Torrent

UNSETTLED = [RequestState.WAITING, RequestState.SENDING, RequestState.UNSURE]
MOST_FILES = 20_000  # rows kept of one torrent's list of files

COPIED = (
    "size", "progress", "download_speed", "upload_speed", "eta", "seeds", "peers", "ratio", "availability", "active",
    "cached", "private", "seed_torrent", "tracker", "tracker_message", "total_downloaded", "total_uploaded",
    "cached_at", "expires_at",
)  # fmt: skip


Listed = torbox.Torrent | torbox.Unchanged


def noted(account: TorBoxAccount) -> dict[int, tuple[str, str]]:
    """Info hash and digest, by TorBox's id, of torrents about which an unchanged row of its list says nothing new."""
    unsettled = AddRequest.objects.filter(torrent=OuterRef("pk"), state__in=UNSETTLED)
    rows = Torrent.objects.listed().filter(account=account, missing_since=None, remote_id__isnull=False)
    rows = rows.exclude(Q(list_digest="") | Q(row_digest="") | Exists(unsettled))
    values = rows.values_list("remote_id", "info_hash", "list_digest")
    return {
        remote_id: (info_hash, digest) for remote_id, info_hash, digest in values if remote_id is not None
    }


def newest_by_hash(remote: Iterable[Listed]) -> dict[str, Listed]:
    """One item per info hash; the one with data wins over one without."""
    best: dict[str, Listed] = {}
    for item in remote:
        other = best.get(item.info_hash)
        if other is None or (item.download_present, item.id) > (other.download_present, other.id):
            best[item.info_hash] = item
    return best


def is_older(row: Torrent, item: torbox.Torrent) -> bool:
    """Lists come from a cache: what was read of this torrent by its id may be newer than what a list says of it."""
    known, said = row.remote_updated_at, item.updated_at
    return row.remote_id == item.id and known is not None and said is not None and said < known


def row_digest(item: torbox.Torrent) -> str:
    values = [
        item.id,
        item.name,
        item.state,
        item.error,
        item.magnet,
        item.download_finished,
        item.download_present,
    ]
    return _digest([*values, *(getattr(item, name) for name in COPIED)])


def files_digest(item: torbox.Torrent) -> str:
    return _digest([(file.id, file.path, file.size, file.mime_type) for file in item.files or ()])


def _digest(values: list[Any]) -> str:
    return hashlib.blake2b(repr(values).encode("utf-8", "replace"), digest_size=16).hexdigest()


def kept_files(item: torbox.Torrent) -> Iterable[torbox.File]:
    """Its files, an id that TorBox gave twice only once, and no more than MOST_FILES."""
    return islice({file.id: file for file in item.files or ()}.values(), MOST_FILES)
