"""What each account downloaded through TorBox's CDN, by day.

The server streams files without the simulator's lock, so this has its own.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple


class Traffic(NamedTuple):
    """Bytes in both directions."""

    downloaded: int = 0
    uploaded: int = 0


class Usage:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._days: dict[str, dict[date, Traffic]] = defaultdict(dict)

    def clear(self) -> None:
        with self._lock:
            self._days.clear()

    def add(self, auth_id: str, now: float, downloaded: int) -> None:
        with self._lock:
            days, today = self._days[auth_id], day_of(now)
            known = days.get(today, Traffic())
            days[today] = known._replace(downloaded=known.downloaded + downloaded)

    def counted(self, auth_id: str, now: float, pieces: Iterator[bytes]) -> Iterator[bytes]:
        """Yield the pieces, and count each one as it is handed over, so that all are counted when the last arrives."""
        for piece in pieces:
            self.add(auth_id, now, len(piece))
            yield piece

    def set_history(
        self, auth_id: str, now: float, downloaded: Sequence[int], uploaded: Sequence[int] = ()
    ) -> None:
        """Replace what is known. The last number of each sequence is today's."""
        length = max(len(downloaded), len(uploaded))
        down, up = _filled(downloaded, length), _filled(uploaded, length)
        first = day_of(now) - timedelta(days=length - 1)
        with self._lock:
            self._days[auth_id] = {
                first + timedelta(days=n): Traffic(int(got), int(given))
                for n, (got, given) in enumerate(zip(down, up, strict=True))
            }

    def days(self, auth_id: str, now: float, count: int) -> list[tuple[date, Traffic]]:
        """Return the last `count` days, oldest first, today last."""
        with self._lock:
            known = dict(self._days.get(auth_id, {}))
        first = day_of(now) - timedelta(days=count - 1)
        shown = (first + timedelta(days=n) for n in range(count))
        return [(day, known.get(day, Traffic())) for day in shown]


def by_week(days: list[tuple[date, Traffic]]) -> list[tuple[date, Traffic]]:
    """Sum days to weeks, each named by its Monday."""
    weeks: dict[date, Traffic] = {}
    for day, traffic in days:
        monday = day - timedelta(days=day.weekday())
        known = weeks.get(monday, Traffic())
        weeks[monday] = Traffic(known.downloaded + traffic.downloaded, known.uploaded + traffic.uploaded)
    return list(weeks.items())


def day_of(now: float) -> date:
    return datetime.fromtimestamp(now, UTC).date()


def _filled(numbers: Sequence[int], length: int) -> list[int]:
    return [0] * (length - len(numbers)) + list(numbers)
