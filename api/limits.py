"""How many requests a minute each token may send. Each process of the app counts for itself, without the database."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from enum import Enum
from math import ceil
from threading import Lock
from time import monotonic

from .models import ApiToken

MAX_KNOWN = 10_000
MINUTE = 60.0  # seconds


class Limit(Enum):
    """Requests a minute, by what they cost."""

    REQUESTS = 600  # of any kind
    CHANGES = 120  # that add or change something, or ask TorBox


class LimitReached(Exception):
    """This token has sent too many requests. `retry_after`: whole seconds until the next may come, at least one."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self.retry_after = max(1, ceil(seconds))


class Counter:
    """Allow each key so many requests a minute, in bursts too: what is left fills up evenly.

    `clock` returns seconds. No one can set the monotonic one, so a limit never gets stuck.
    """

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._lock = Lock()
        self._left: OrderedDict[tuple[int, Limit], tuple[float, float]] = OrderedDict()

    def take(self, key: int, limit: Limit) -> None:
        """Count a request. Raises `LimitReached`."""
        with self._lock:
            now = self._clock()
            left, at = self._left.pop((key, limit), (float(limit.value), now))
            left = min(float(limit.value), left + (now - at) * limit.value / MINUTE)
            taken = left >= 1
            self._left[key, limit] = (left - 1 if taken else left, now)
            while len(self._left) > MAX_KNOWN:
                self._left.popitem(last=False)
        if not taken:
            raise LimitReached((1 - left) * MINUTE / limit.value)

    def forget(self) -> None:
        """Forget all requests so far."""
        with self._lock:
            self._left.clear()


REQUESTS = Counter()


def count(token: ApiToken, *, changes: bool = False) -> None:
    """Count a request of a token. Raises `LimitReached`."""
    REQUESTS.take(token.pk, Limit.REQUESTS)
    if changes:
        REQUESTS.take(token.pk, Limit.CHANGES)


def forget() -> None:
    """Forget the requests of all tokens. For tests, in which tokens of another test have the same keys."""
    REQUESTS.forget()
