"""How many requests may wait for changes. A waiting one holds a thread of its process, so only a few may."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Lock

MAX_WAITING = 2  # in each process, of its 8 threads
LOOKS_EVERY = 1.0  # seconds
RETRY_SECONDS = 5


class Places:
    """The places for requests that wait, at most one for each token."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._lock = Lock()
        self._taken: set[int] = set()

    @property
    def waiting(self) -> int:
        """Return how many requests wait."""
        return len(self._taken)

    @contextmanager
    def taken(self, token: int) -> Iterator[bool]:
        """Take a place for a token, and tell whether there was one."""
        with self._lock:
            free = len(self._taken) < self.most and token not in self._taken
            if free:
                self._taken.add(token)
        try:
            yield free
        finally:
            if free:
                with self._lock:
                    self._taken.discard(token)


PLACES = Places(MAX_WAITING)
ENDING = Event()
"""Set when the process is about to end. Then no request waits any longer."""


def wait_until(happened: Callable[[], bool], seconds: float) -> bool:
    """Look every second whether something has happened, for so many seconds, and tell whether it has."""
    end = time.monotonic() + seconds
    while not happened():
        left = end - time.monotonic()
        if left <= 0 or ENDING.wait(min(LOOKS_EVERY, left)):
            return False
    return True
