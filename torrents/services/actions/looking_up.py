"""Look up torrents on the BitTorrent network before adding them (docs/torbox-api.md#torrentinfo)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from threading import BoundedSemaphore

from django.core.cache import cache
from django.db import Error

import torbox
from accounts.bookkeeping import write_if_possible
from accounts.clients import client_for
from accounts.models import TorBoxAccount

KEPT, NOTHING_KEPT = 600, 120  # seconds; a torrent without peers may have some later
# A lookup takes up to 70 seconds, so only some of the requests that may wait for TorBox (`clients.MAX_WAITING`).
_lanes = BoundedSemaphore(3)


class TooManyLookups(Exception):
    """Raised when too many lookups are running already."""


@dataclass(frozen=True)
class Known:
    """Data of a looked-up torrent for the preview: bytes, number of files, and seeds if they were counted."""

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
    """Return name, size, files, seeds, and peers. TorBox searches `timeout` seconds.

    Raises `TooManyLookups` and `torbox.TorBoxError`.
    """
    with lane(), client_for(account, somebody_waits=True) as client:
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
    """Look up one line of a preview, and cache the result for a while.

    Return None if TorBox found nothing or doesn't respond, or if too many lookups are running.
    """
    if info_hash in (kept := remembered([info_hash])):
        return kept[info_hash]
    return _looked_up(account, info_hash)


@contextmanager
def lane() -> Iterator[None]:
    """Take one of the lanes for lookups: the other threads serve everyone else. Raises `TooManyLookups`."""
    if not _lanes.acquire(blocking=False):
        raise TooManyLookups
    try:
        yield
    finally:
        _lanes.release()


def _looked_up(account: TorBoxAccount, info_hash: str) -> Known | None:
    try:
        info = look_up(account, info_hash=info_hash)
    except torbox.NotFound:
        _remember(info_hash, (), NOTHING_KEPT)
        return None
    except (torbox.TorBoxError, TooManyLookups):
        return None
    known = Known(info.name[:500], info.size, len(info.files), info.seeds)
    _remember(info_hash, (known.name, known.size, known.file_count, known.seeds), KEPT)
    return known


def remembered(hashes: Iterable[str]) -> dict[str, Known | None]:
    """Return the cached results for these hashes, None for those that recently had no result."""
    slots = {_slot(info_hash): info_hash for info_hash in hashes}
    try:
        kept = cache.get_many(slots)
    except Error:
        kept = {}
    return {slots[slot]: Known(*values) if values else None for slot, values in kept.items()}


def _remember(info_hash: str, values: tuple[object, ...], seconds: int) -> None:
    """Cache a result, or do nothing if the cache is unavailable."""
    write_if_possible(partial(cache.set, _slot(info_hash), values, seconds))


def _slot(info_hash: str) -> str:
    return f"torrent-info:{info_hash}"
