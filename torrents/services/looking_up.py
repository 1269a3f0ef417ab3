"""Ask the BitTorrent network about a hash before adding it (docs/torbox-api.md#torrentinfo)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from threading import BoundedSemaphore

from django.core.cache import cache

import torbox
from accounts.clients import client_for
from accounts.models import TorBoxAccount

KEPT, NOTHING_KEPT = 600, 120  # seconds; the network may know tomorrow what it does not know now
# A look-up takes up to twenty seconds: a process never spends more of its threads on previews than this.
_lanes = BoundedSemaphore(4)


@dataclass(frozen=True)
class Known:
    """What a preview shows of a torrent that was looked up: bytes, how many files, seeds when they were counted."""

    name: str
    size: int
    file_count: int
    seeds: int | None


def look_up(
    account: TorBoxAccount,
    *,
    info_hash: str,
    torrent_file: bytes | None = None,
    timeout: int = 10,
    use_cache_lookup: bool = False,
    peers_only: bool = False,
) -> torbox.TorrentInfo:
    """Name, size, files, seeds and peers; TorBox searches for `timeout` seconds. Raises `torbox.TorBoxError`."""
    with client_for(account, somebody_waits=True) as client:
        if torrent_file is None and not peers_only:
            return client.torrent_info(info_hash, timeout=timeout, use_cache_lookup=use_cache_lookup)
        return client.torrent_info_from(
            info_hash=None if torrent_file else info_hash,
            file=torrent_file,
            timeout=timeout,
            use_cache_lookup=use_cache_lookup,
            peers_only=peers_only,
        )


def fill_in(account: TorBoxAccount, info_hash: str) -> Known | None:
    """The same for one line of a preview, remembered for a while.

    None when TorBox found nothing or is silent, or while too many are being looked up here.
    """
    if info_hash in (kept := remembered([info_hash])):
        return kept[info_hash]
    if not _lanes.acquire(blocking=False):
        return None
    try:
        return _looked_up(account, info_hash)
    finally:
        _lanes.release()


def _looked_up(account: TorBoxAccount, info_hash: str) -> Known | None:
    try:
        info = look_up(account, info_hash=info_hash)
    except torbox.TorBoxError as error:
        if isinstance(error, torbox.NotFound):
            cache.set(_slot(info_hash), (), NOTHING_KEPT)
        return None
    known = Known(info.name[:500], info.size, len(info.files), info.seeds)
    cache.set(_slot(info_hash), (known.name, known.size, known.file_count, known.seeds), KEPT)
    return known


def remembered(hashes: Iterable[str]) -> dict[str, Known | None]:
    """What earlier look-ups of these hashes gave; None for those that gave nothing a moment ago."""
    slots = {_slot(info_hash): info_hash for info_hash in hashes}
    kept = cache.get_many(slots)
    return {slots[slot]: Known(*values) if values else None for slot, values in kept.items()}


def _slot(info_hash: str) -> str:
    return f"torrent-info:{info_hash}"
