"""Who called what: counters for tests that promise to call rarely."""

from __future__ import annotations

from collections import Counter, deque
from typing import Any, NamedTuple


class Call(NamedTuple):
    at: float
    key: str
    endpoint: str
    bypass: bool


class Calls:
    def __init__(self, keep: int = 20_000) -> None:
        self.counts: Counter[tuple[str, str, bool]] = Counter()
        self.last: deque[Call] = deque(maxlen=keep)

    def record(self, call: Call) -> None:
        self.counts[call.key, call.endpoint, call.bypass] += 1
        self.last.append(call)

    def clear(self) -> None:
        self.counts.clear()
        self.last.clear()

    def total(self, endpoint: str = "*", key: str = "*", bypass: bool | None = None) -> int:
        wanted = (
            number
            for (at_key, at_endpoint, at_bypass), number in self.counts.items()
            if endpoint in ("*", at_endpoint) and key in ("*", at_key) and bypass in (None, at_bypass)
        )
        return sum(wanted)

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
