"""The cached lists: what mylist and getqueued said when they were last computed.

docs/torbox-api.md#quirks, 1: without bypass_cache a list may be 600 s old. A list is kept as
(moment, torrents); torrents are never changed, so the rows of that moment can be rendered when a page of
them is asked for.
"""

from __future__ import annotations

from collections import defaultdict
from typing import NamedTuple

from simulator.accounts import Account, QueueItem
from simulator.life import Torrent
from simulator.state import State


class Snapshot(NamedTuple):
    at: float
    torrents: tuple[Torrent, ...]
    """Newest first."""


class Listing:
    def __init__(self, state: State) -> None:
        self.state = state
        self.clear()

    def clear(self) -> None:
        self._lists: dict[str, Snapshot] = {}
        self._singles: dict[tuple[str, int], tuple[float, Torrent | None]] = {}
        self._queues: dict[str, tuple[float, tuple[QueueItem, ...]]] = {}
        self._dropped: dict[tuple[str, str], int] = defaultdict(int)

    def torrents(self, account: Account, bypass: bool, now: float) -> Snapshot:
        kept = self._lists.get(account.auth_id)
        if kept is None or bypass or now - kept.at >= self.state.options.list_cache_seconds:
            kept = Snapshot(now, tuple(reversed(account.torrents.values())))
            self._lists[account.auth_id] = kept
        return self._without_dropped(account, kept)

    def one(
        self, account: Account, torrent_id: int, bypass: bool, now: float
    ) -> tuple[float, Torrent | None]:
        place = (account.auth_id, torrent_id)
        kept = self._singles.get(place)
        if kept is None or bypass or now - kept[0] >= self.state.options.list_cache_seconds:
            kept = self._singles[place] = (now, account.torrents.get(torrent_id))
            if kept[1] is None:
                del self._singles[place]
        return kept

    def queue(self, account: Account, bypass: bool, now: float) -> tuple[QueueItem, ...]:
        kept = self._queues.get(account.auth_id)
        if kept is None or bypass or now - kept[0] >= self.state.options.queue_cache_seconds:
            kept = self._queues[account.auth_id] = (now, tuple(account.queue))
        return kept[1]

    def drop(self, account: Account, info_hash: str, times: int) -> None:
        """Leaves a row out of the next `times` list answers."""
        self._dropped[account.auth_id, info_hash] = times

    def _without_dropped(self, account: Account, kept: Snapshot) -> Snapshot:
        hidden = {
            hash_ for (auth_id, hash_), left in self._dropped.items() if auth_id == account.auth_id and left
        }
        if not hidden:
            return kept
        for info_hash in hidden:
            self._dropped[account.auth_id, info_hash] -= 1
        shown = tuple(torrent for torrent in kept.torrents if torrent.work.info_hash not in hidden)
        return Snapshot(kept.at, shown)
