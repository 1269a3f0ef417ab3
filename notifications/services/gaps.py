"""Keys that a reader of events has passed and that may still appear, as ranges with when they were first missed.

PostgreSQL gives out keys before transactions commit, so an event may appear after others with higher keys. Events that
are held back for a moment are kept the same way. On SQLite, a gap is an event that was deleted.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any, NamedTuple

from accounts.deadlines import is_recent

KEPT_FOR = timedelta(minutes=15)  # Our transactions take less.
MAX_GAPS = 200


class Gap(NamedTuple):
    """A range of keys, with its ends. `since`: when a reader first passed it."""

    first: int
    last: int
    since: datetime

    def without(self, read: Sequence[int]) -> Iterator[Gap]:
        """Yield what remains of it without keys that were read. These are in order, and may lie elsewhere."""
        inside = read[bisect_left(read, self.first) : bisect_right(read, self.last)]
        for before, after in pairwise([self.first - 1, *inside, self.last + 1]):
            if after - before > 1:
                yield Gap(before + 1, after - 1, self.since)


def load(stored: Sequence[Sequence[Any]]) -> list[Gap]:
    """Return the gaps of a cursor, the oldest keys first. Look into each once more, however old: no worker may have run."""
    return [Gap(int(first), int(last), datetime.fromisoformat(since)) for first, last, since in stored]


def still_open(gaps: Iterable[Gap], now: datetime) -> list[Gap]:
    """Return the gaps that may still be filled."""
    return [gap for gap in gaps if is_recent(gap.since, KEPT_FOR, now)]


def dump(gaps: Sequence[Gap]) -> list[list[Any]]:
    """Return gaps as a cursor stores them. If there are too many, neighbors become one.

    Then events between them are read again, which does no harm.
    """
    gaps = sorted(gaps)
    while len(gaps) > MAX_GAPS:
        pairs = [gaps[start : start + 2] for start in range(0, len(gaps), 2)]
        gaps = [Gap(pair[0].first, pair[-1].last, max(gap.since for gap in pair)) for pair in pairs]
    return [[gap.first, gap.last, gap.since.isoformat()] for gap in gaps]
