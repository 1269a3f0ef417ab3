"""The cached lists: what mylist and getqueued said when they were last computed.

docs/torbox-api.md#quirks, 1: without bypass_cache a list may be 600 s old. A list is kept as
(moment, torrents); torrents are never changed, so the rows of that moment can be rendered when a page of
them is asked for.
"""

from __future__ import annotations

from collections.abc import Sequence

from simulator.accounts import Account, QueueItem
from simulator.life import Torrent
from simulator.oddities import GETQUEUED, MYLIST, Oddities
from simulator.past import Holding, Past
from simulator.state import State


class Listing:
    def __init__(self, state: State) -> None:
        self.state = state
        self.past = Past(state)
        self.oddities = Oddities()
        self.clear()

    def clear(self) -> None:
        self._lists: dict[str, tuple[float, Holding]] = {}
        self._singles: dict[tuple[str, int], tuple[float, Torrent | None]] = {}
        self._queues: dict[str, tuple[float, tuple[QueueItem, ...]]] = {}
        self.past.clear()
        self.oddities.clear()

    def torrents(
        self, account: Account, bypass: bool, now: float, offset: int = 0
    ) -> tuple[float, Sequence[Torrent]]:
        """The moment the list was made, and its rows from `offset` on."""
        kept = self._lists.get(account.auth_id)
        if kept is None or bypass or now - kept[0] >= self.state.options.list_cache_seconds:
            kept = self._lists[account.auth_id] = (now, self.past.holding(account))
        rows, start = self.oddities.page(
            account.auth_id, MYLIST, kept[1].torrents, lambda row: row.work.info_hash, offset
        )
        return kept[1].at, rows[start:]

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

    def queue(self, account: Account, bypass: bool, now: float, offset: int = 0) -> Sequence[QueueItem]:
        kept = self._queues.get(account.auth_id)
        if kept is None or bypass or now - kept[0] >= self.state.options.queue_cache_seconds:
            kept = self._queues[account.auth_id] = (now, self.past.holding(account).queue)
        rows, start = self.oddities.page(
            account.auth_id, GETQUEUED, kept[1], lambda row: row.wish.work.info_hash, offset
        )
        return rows[start:]
