"""A simulated TorBox: its state, clock, limits, faults, and calls."""

from __future__ import annotations

import threading

from simulator import wire
from simulator.calls import Calls
from simulator.cdn import Cdn, Link
from simulator.clock import Clock
from simulator.faults import Faults
from simulator.limits import Limits
from simulator.listing import Listing
from simulator.options import Options
from simulator.state import State
from simulator.usage import Usage
from simulator.wire import Response

MAX_BODY = 100 * 1024 * 1024  # bytes


class Simulator:
    """One simulated TorBox. `lock` guards everything except the streaming of file bytes."""

    def __init__(self, clock: Clock, options: Options) -> None:
        self.clock, self.options = clock, options
        self.lock = threading.RLock()
        self.state = State(clock, options)
        self.listing = Listing(self.state)
        self.limits = Limits(options)
        self.faults = Faults()
        self.calls = Calls()
        self.usage = Usage()
        self.cdn = Cdn(clock, options, self.usage, self._download_began)
        self._cache_answers: dict[str, tuple[float, bool]] = {}

    def clear(self) -> None:
        self._cache_answers.clear()
        parts = (self.state, self.listing, self.limits, self.faults, self.calls, self.usage, self.cdn)
        for part in parts:
            part.clear()

    def _download_began(self, link: Link) -> None:
        self.state.use(link.auth_id, link.torrent_id, self.clock.now())
        self.listing.past.remember()

    def cached_answer(self, info_hash: str) -> bool:
        """Return the response of checkcached, which may be an hour old."""
        now = self.clock.now()
        kept = self._cache_answers.get(info_hash)
        if kept is None or now - kept[0] >= self.options.checkcached_seconds:
            kept = self._cache_answers[info_hash] = (now, self.state.is_cached(info_hash, now))
        return kept[1]


def too_much_data() -> Response:
    """Return TorBox's response to a body larger than `MAX_BODY`."""
    return wire.failure(400, "TOO_MUCH_DATA", "Request body is over 100 MB.")
