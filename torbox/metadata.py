"""Calls about torrents that may not be on the account: whether they are cached, and what they contain."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Literal

from torbox.api import Api, checked_hash, exactly_one, options
from torbox.errors import Malformed, NotFound
from torbox.models import CachedTorrent, TorrentInfo
from torbox.transport import Call

BATCH = 100  # hashes per call
MARGIN = 10.0  # seconds that we wait beyond the timeout given to TorBox

Shape = Literal["object", "list"]


class LookingUp(Api):
    """Endpoints for looking up. None of them changes the account."""

    def check_cached(
        self, hashes: Iterable[str], *, list_files: bool = False, answer: Shape = "object"
    ) -> dict[str, CachedTorrent]:
        """Return the cached torrents of any number of `hashes`, by lowercase hash.

        Raises ValueError for an invalid hash. See docs/torbox-api.md#checkcached.
        """
        found: dict[str, CachedTorrent] = {}
        for batch in _batches(hashes):
            query = options(format=answer, list_files=list_files)
            found |= self._cached(
                batch,
                Call(
                    method="POST", path="torrents/checkcached", query=query, json={"hashes": batch}, safe=True
                ),
            )
        return found

    def check_cached_get(
        self, hashes: Iterable[str], *, list_files: bool = False, answer: Shape = "object"
    ) -> dict[str, CachedTorrent]:
        """Return the cached torrents like `check_cached`, with the hashes in the URL."""
        found: dict[str, CachedTorrent] = {}
        for batch in _batches(hashes):
            query = options(hash=",".join(batch), format=answer, list_files=list_files)
            found |= self._cached(
                batch, Call(method="GET", path="torrents/checkcached", query=query, safe=True)
            )
        return found

    def torrent_info(
        self, info_hash: str, *, timeout: int = 10, use_cache_lookup: bool = False
    ) -> TorrentInfo:
        """Return metadata from the swarm. `timeout`: seconds that TorBox may search.

        Raises NotFound if no peer had it, and ValueError for an invalid hash.
        """
        query = options(hash=checked_hash(info_hash), timeout=timeout, use_cache_lookup=use_cache_lookup)
        call = Call(method="GET", path="torrents/torrentinfo", query=query, patience=timeout + MARGIN)
        return self._info(call, info_hash.lower())

    def torrent_info_from(
        self,
        *,
        info_hash: str | None = None,
        magnet: str | None = None,
        file: bytes | None = None,
        timeout: int = 10,
        use_cache_lookup: bool = False,
        peers_only: bool = False,
    ) -> TorrentInfo:
        """Return metadata for a hash, a magnet, or the bytes of a .torrent file. Exactly one must be given."""
        exactly_one("info_hash, magnet and file", (info_hash, magnet, file))
        form = options(
            hash=None if info_hash is None else checked_hash(info_hash),
            magnet=magnet,
            timeout=timeout,
            use_cache_lookup=use_cache_lookup,
            peers_only=peers_only,
        )
        path, patience = "torrents/torrentinfo", timeout + MARGIN
        call = Call(method="POST", path=path, form=form, upload=file, patience=patience)
        return self._info(call, None if info_hash is None else info_hash.lower())

    def _info(self, call: Call, asked: str | None) -> TorrentInfo:
        data = self._transport.fetch(call).data
        if data is None or data == {}:
            raise NotFound(note="TorBox found nothing about this torrent.")
        return TorrentInfo.from_json(data, asked)

    def _cached(self, asked: list[str], call: Call) -> dict[str, CachedTorrent]:
        pairs = _pairs(self._transport.fetch(call).data)
        entries = [entry for key, item in pairs if (entry := _entry(key, item))]
        if pairs and not entries:
            raise Malformed.at("data", "has no readable entry")
        return {entry.info_hash: entry for entry in entries if entry.info_hash in asked}


def _batches(hashes: Iterable[str]) -> Iterator[list[str]]:
    """Yield lowercase hashes without duplicates in batches. All are checked before the first batch."""
    unique = list(dict.fromkeys(checked_hash(info_hash) for info_hash in hashes))
    for start in range(0, len(unique), BATCH):
        yield unique[start : start + BATCH]


def _pairs(data: object) -> list[tuple[str | None, Any]]:
    """Return entries with their keys, from any shape of response. Null means nothing is cached."""
    if data is None:
        return []
    if isinstance(data, list):
        return [(None, item) for item in data]
    if isinstance(data, dict):
        return [(key, item) for key, item in data.items() if item]
    raise Malformed.at("data", "is neither an object nor a list")


def _entry(key: str | None, item: object) -> CachedTorrent | None:
    """Return the entry for one hash, or None if it isn't clear for which."""
    try:
        return CachedTorrent.from_json(item, key)
    except Malformed:
        return None
