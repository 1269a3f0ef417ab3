"""The cached lists: mylist and getqueued as they were last computed.

Without bypass_cache a list may be 600 s old (docs/torbox-api.md#quirks, 1). It is kept as (moment, torrents).
Torrents never change, so the rows of that moment can be rendered when a page of them is requested.
"""

from __future__ import annotations

from collections.abc import Sequence

from simulator.accounts import Account, QueueItem
from simulator.lifecycle import Torrent
from simulator.malformed_lists import GETQUEUED, MYLIST, Oddities
from simulator.snapshots import Holding, Past
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
        """Return when the list was computed, and its rows from `offset` on."""
        kept = self._lists.get(account.auth_id)
        if kept is None or bypass or now - kept[0] >= self.state.options.list_cache_seconds:
            kept = self._lists[account.auth_id] = (now, self._listed(account))
        rows, start = self.oddities.page(
            account.auth_id, MYLIST, kept[1].torrents, lambda row: row.work.info_hash, offset
        )
        return kept[1].at, rows[start:]

    def _listed(self, account: Account) -> Holding:
        """Return the rows in the list of an account, which may include those of other accounts (`list_rows`)."""
        holding = self.past.holding(account)
        if self.state.options.list_rows == "own":
            return holding
        others = [other for other in self.state.accounts.values() if other is not account]
        foreign = sum((self.past.holding(other).torrents for other in others), ())
        own = holding.torrents if self.state.options.list_rows == "mixed" else ()
        return holding._replace(torrents=own + foreign)

    def one(
        self, account: Account, torrent_id: int, bypass: bool, now: float
    ) -> tuple[float, Torrent | None]:
        place = (account.auth_id, torrent_id)
        kept = self._singles.get(place)
        if kept is None or bypass or now - kept[0] >= self.state.options.list_cache_seconds:
            kept = (now, account.torrents.get(torrent_id))
            if not bypass and self._too_new(kept[1], now):
                return now, None
            if kept[1] is not None:
                self._singles[place] = kept
        return kept

    def _too_new(self, torrent: Torrent | None, now: float) -> bool:
        """Return whether a torrent is newer than any cached list can be (`new_by_id`)."""
        if torrent is None or self.state.options.new_by_id == "found":
            return False
        return bool(now - torrent.created_at < self.state.options.list_cache_seconds)

    def queue(self, account: Account, bypass: bool, now: float, offset: int = 0) -> Sequence[QueueItem]:
        kept = self._queues.get(account.auth_id)
        if kept is None or bypass or now - kept[0] >= self.state.options.queue_cache_seconds:
            kept = self._queues[account.auth_id] = (now, self.past.holding(account).queue)
        rows, start = self.oddities.page(
            account.auth_id, GETQUEUED, kept[1], lambda row: row.addition.work.info_hash, offset
        )
        return rows[start:]
