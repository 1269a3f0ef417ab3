"""The torrents of each account a while ago, for lists that lag even with bypass_cache.

Such lists have been seen to miss new items for some minutes (docs/torbox-api.md#quirks, 1).
"""

from __future__ import annotations

from collections import defaultdict, deque
from typing import NamedTuple

from simulator.accounts import Account, QueueItem
from simulator.lifecycle import Torrent
from simulator.state import State


class Holding(NamedTuple):
    """The torrents of an account from the moment `at` on, newest first."""

    at: float
    torrents: tuple[Torrent, ...]
    queue: tuple[QueueItem, ...]


class Past:
    """Snapshots, taken only while `fresh_lag_seconds` is set. Before the first one nothing had changed."""

    def __init__(self, state: State) -> None:
        self.state = state
        self.clear()

    def clear(self) -> None:
        self._kept: dict[str, deque[Holding]] = defaultdict(deque)

    def remember(self) -> None:
        """Take a snapshot. Call this after every possible change."""
        lag = self.state.options.fresh_lag_seconds
        if not lag:
            self._kept.clear()
            return
        now = self.state.clock.now()
        for account in self.state.accounts.values():
            self._note(self._kept[account.auth_id], _holding(account, now), now - lag)

    def holding(self, account: Account) -> Holding:
        """Return the torrents as they were `fresh_lag_seconds` ago, at the moment `at`."""
        moment = self.state.clock.now() - self.state.options.fresh_lag_seconds
        kept = self._kept.get(account.auth_id)
        if not self.state.options.fresh_lag_seconds or not kept:
            return _holding(account, moment)
        known = [holding for holding in kept if holding.at <= moment]
        return (known[-1] if known else kept[0])._replace(at=moment)

    def _note(self, kept: deque[Holding], holding: Holding, oldest: float) -> None:
        while len(kept) > 1 and kept[1].at <= oldest:
            kept.popleft()
        if not kept or kept[-1][1:] != holding[1:]:
            kept.append(holding)


def _holding(account: Account, at: float) -> Holding:
    return Holding(at, tuple(reversed(account.torrents.values())), tuple(account.queue))
