"""The threads of a saver that save files: each one file at a time, and no more of them than the settings allow."""

from __future__ import annotations

import threading


class Lanes:
    """Numbers for threads, from 0 on. Those whose number is beyond the limit step aside when it sinks."""

    def __init__(self) -> None:
        self.limit = 1
        self._taken: set[int] = set()
        self._lock = threading.Lock()

    def enter(self) -> int | None:
        """Return the lowest free number, or None if all are taken."""
        with self._lock:
            free = [number for number in range(self.limit) if number not in self._taken]
            if not free:
                return None
            self._taken.add(free[0])
            return free[0]

    def leave(self, number: int) -> None:
        """Give a number back."""
        with self._lock:
            self._taken.discard(number)

    @property
    def free(self) -> int:
        """Return how many threads could enter."""
        with self._lock:
            return max(0, self.limit - len(self._taken))

    @property
    def is_empty(self) -> bool:
        """Return whether all threads have left."""
        with self._lock:
            return not self._taken
