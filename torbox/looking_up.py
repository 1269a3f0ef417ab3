"""Questions about torrents that need not be on the account: is it cached, what is inside."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Literal

from torbox.api import Api, checked_hash, exactly_one, options
from torbox.errors import Malformed, NotFound
from torbox.fields import info_hash as read_hash
from torbox.models import CachedTorrent, TorrentInfo
from torbox.transport import Call

BATCH = 100  # hashes in one question
MARGIN = 10.0  # seconds TorBox gets beyond the time-out it was told, before we stop waiting

Shape = Literal["object", "list"]


class LookingUp(Api):
    """Looking up. Nothing here changes the account."""

    def check_cached(
        self, hashes: Iterable[str], *, list_files: bool = False, answer: Shape = "object"
    ) -> dict[str, CachedTorrent]:
        """What TorBox has ready of any number of `hashes`, by lower-case hash; the others are absent.

        Raises ValueError for a hash that is none. See docs/torbox-api.md#checkcached.
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
        """The same question with the hashes in the address."""
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
        """Metadata from the swarm. `timeout`: seconds TorBox may search.

        Raises NotFound when nobody had it, ValueError for a hash that is none.
        """
        query = options(hash=checked_hash(info_hash), timeout=timeout, use_cache_lookup=use_cache_lookup)
        call = Call(method="GET", path="torrents/torrentinfo", query=query, patience=timeout + MARGIN)
        return self._info(call)

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
        """The same for a hash, a magnet or the bytes of a .torrent file; exactly one, else ValueError."""
        exactly_one("info_hash, magnet and file", (info_hash, magnet, file))
        form = options(
            hash=None if info_hash is None else checked_hash(info_hash),
            magnet=magnet,
            timeout=timeout,
            use_cache_lookup=use_cache_lookup,
            peers_only=peers_only,
        )
        path, patience = "torrents/torrentinfo", timeout + MARGIN
        return self._info(Call(method="POST", path=path, form=form, upload=file, patience=patience))

    def _info(self, call: Call) -> TorrentInfo:
        data = self._transport.fetch(call).data
        if data is None or data == {}:
            raise NotFound("TorBox found nothing about this torrent.")
        return TorrentInfo.from_json(data)

    def _cached(self, asked: list[str], call: Call) -> dict[str, CachedTorrent]:
        entries = (_entry(key, item) for key, item in _pairs(self._transport.fetch(call).data))
        return {entry.info_hash: entry for entry in entries if entry.info_hash in asked}


def _batches(hashes: Iterable[str]) -> Iterator[list[str]]:
    """Lower-case hashes, once each, in hundreds. All are checked before the first is sent."""
    unique = list(dict.fromkeys(checked_hash(info_hash) for info_hash in hashes))
    for start in range(0, len(unique), BATCH):
        yield unique[start : start + BATCH]


def _pairs(data: object) -> list[tuple[str | None, Any]]:
    """Entries with the key they were filed under, from any shape of answer; null is nothing cached."""
    if data is None:
        return []
    if isinstance(data, list):
        return [(None, item) for item in data]
    if isinstance(data, dict):
        return [(key, item) for key, item in data.items() if item]
    raise Malformed.at("data", "is neither an object nor a list")


def _entry(key: str | None, item: object) -> CachedTorrent:
    return CachedTorrent.from_json(item, None if key is None else read_hash(key))
