"""Counters of calls by key and endpoint, for tests that limit the number of calls."""

from __future__ import annotations

import contextlib
import threading
from collections import Counter, deque
from collections.abc import Iterator
from typing import Any, NamedTuple


class Call(NamedTuple):
    at: float
    key: str
    endpoint: str
    bypass: bool


class Calls:
    def __init__(self, keep: int = 20_000) -> None:
        self.counts: Counter[tuple[str, str, bool]] = Counter()
        self.refused: Counter[tuple[str, str]] = Counter()
        """Calls that exceeded a limit, by key and endpoint, without planned faults."""
        self.last: deque[Call] = deque(maxlen=keep)
        self._under_way: Counter[str] = Counter()
        self._most: Counter[str] = Counter()
        # A lock of its own: a call that waits for the simulator's lock counts as in progress.
        self._guard = threading.Lock()

    def record(self, call: Call) -> None:
        self.counts[call.key, call.endpoint, call.bypass] += 1
        self.last.append(call)

    def clear(self) -> None:
        self.counts.clear()
        self.refused.clear()
        self.last.clear()
        with self._guard:
            self._most = Counter(+self._under_way)

    @contextlib.contextmanager
    def under_way(self, key: str) -> Iterator[None]:
        """Count a call of `key` as in progress until its response begins."""
        with self._guard:
            self._under_way[key] += 1
            self._most[key] = max(self._most[key], self._under_way[key])
        try:
            yield
        finally:
            with self._guard:
                self._under_way[key] -= 1

    def most_at_once(self, key: str = "*") -> int:
        """Return the largest number of concurrent calls of one key, or with `*` of any key."""
        with self._guard:
            return max(self._most.values(), default=0) if key == "*" else self._most[key]

    def total(self, endpoint: str = "*", key: str = "*", bypass: bool | None = None) -> int:
        wanted = (
            number
            for (at_key, at_endpoint, at_bypass), number in self.counts.items()
            if endpoint in ("*", at_endpoint) and key in ("*", at_key) and bypass in (None, at_bypass)
        )
        return sum(wanted)

    def total_refused(self, key: str = "*", endpoint: str = "*") -> int:
        return sum(
            number
            for (at_key, at_endpoint), number in self.refused.items()
            if endpoint in ("*", at_endpoint) and key in ("*", at_key)
        )

    def as_json(self, last: int = 200) -> dict[str, Any]:
        rows = [
            {"key": key, "endpoint": endpoint, "bypass": bypass, "count": count}
            for (key, endpoint, bypass), count in sorted(self.counts.items())
        ]
        recent = list(self.last)[-last:] if last else []
        return {
            "total": sum(self.counts.values()),
            "counts": rows,
            "last": [call._asdict() for call in recent],
        }
