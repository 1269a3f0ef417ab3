"""The speed limit of all files in a saver, which may change while they are being saved."""

from __future__ import annotations

import threading
from time import monotonic

BURST_SECONDS = 0.1  # what may pile up while nothing is read
PORTION_SECONDS = 0.25  # of the limit; so nobody waits long for one portion
SMALLEST_PORTION = 4096  # bytes
WAKE_SECONDS = 1.0


class Throttle:
    """A token bucket shared by threads. `limit` is in bytes/s; 0 is none."""

    def __init__(self, limit: int = 0) -> None:
        self._limit = limit
        self._tokens = 0.0
        self._filled_at = monotonic()
        self._changed = threading.Condition()

    @property
    def limit(self) -> int:
        return self._limit

    def set(self, limit: int) -> None:
        """Change the limit. Those who wait notice."""
        with self._changed:
            if limit != self._limit:
                self._limit, self._tokens, self._filled_at = limit, 0.0, monotonic()
                self._changed.notify_all()

    def portion(self, most: int) -> int:
        """Return how many bytes to read at once, at most `most`."""
        limit = self._limit
        return min(most, max(SMALLEST_PORTION, int(limit * PORTION_SECONDS))) if limit else most

    def take(self, size: int) -> None:
        """Wait until `size` more bytes may be read."""
        if not self._limit:
            return
        with self._changed:
            while self._limit:
                self._fill()
                if self._tokens >= 0:
                    self._tokens -= size  # The next one waits until it is paid back.
                    return
                self._changed.wait(min(WAKE_SECONDS, -self._tokens / self._limit))

    def _fill(self) -> None:
        now = monotonic()
        gained = (now - self._filled_at) * self._limit
        self._tokens = min(self._limit * BURST_SECONDS, self._tokens + gained)
        self._filled_at = now
