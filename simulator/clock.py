"""Virtual time. Everything that happens in the simulator is a function of this clock."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime


class Clock:
    """Seconds since the epoch, `speed` times as fast as the wall clock, which can also be set."""

    def __init__(self, now: float | None = None, speed: float = 1.0) -> None:
        self._lock = threading.Lock()
        self._virtual = time.time() if now is None else now
        self._real = time.monotonic()
        self.speed = speed

    def now(self) -> float:
        with self._lock:
            return self._virtual + (time.monotonic() - self._real) * self.speed

    def advance(self, seconds: float) -> float:
        if seconds < 0:
            raise ValueError("time can only move forward")
        with self._lock:
            self._virtual += seconds
        return self.now()

    def set(self, now: float) -> None:
        with self._lock:
            self._virtual, self._real = now, time.monotonic()

    def set_speed(self, factor: float) -> None:
        if factor < 0:
            raise ValueError("speed can't be negative")
        now = self.now()
        with self._lock:
            self._virtual, self._real, self.speed = now, time.monotonic(), factor

    def freeze(self) -> None:
        self.set_speed(0)


def stamp(seconds: float) -> str:
    """Format a timestamp as documented (docs/torbox-api.md#torrent-object)."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


def old_stamp(seconds: float) -> str:
    """Format a timestamp in the older form with microseconds and offset, which TorBox still sends."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f+00:00")


def weekday(seconds: float) -> int:
    """Return 0 for Monday to 6 for Sunday, in UTC."""
    return time.gmtime(seconds).tm_wday
