"""Put more than 5 notifications of the same kind within 2 minutes into one line of the bell."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from ..models import Notification

WINDOW = timedelta(minutes=2)
MAX_LINES = 5


class _Row(NamedTuple):
    """What bursts depend on. Rows sort from the oldest to the newest."""

    at: datetime
    pk: int
    burst: int | None


def mark(new: Iterable[Notification]) -> None:
    """Find the bursts that new notifications belong to, with those of before, and point them to the first.

    Call this where no one else publishes at the same time.
    """
    moments: dict[tuple[int, str], list[datetime]] = {}
    for note in new:
        if note.in_bell:
            moments.setdefault((note.person_id, note.kind), []).append(note.at)
    for (person_id, kind), ats in moments.items():
        rows = Notification.objects.filter(person=person_id, kind=kind, in_bell=True)
        near = rows.filter(at__gte=min(ats) - WINDOW, at__lte=max(ats) + WINDOW).order_by("at", "pk")
        for first in _firsts([_Row(*row) for row in near.values_list("at", "pk", "burst")]):
            together = rows.filter(at__gte=first.at, at__lte=first.at + WINDOW, burst=None)
            together.update(burst=first.pk)


def _firsts(rows: list[_Row]) -> Iterator[_Row]:
    """Yield the first row of each burst that rows have to join, those that exist already before new ones."""
    known = [row for row in rows if row.burst == row.pk]
    free = [row for row in rows if row.burst is None]
    for first in known:
        others = [row for row in free if not first.at <= row.at <= first.at + WINDOW]
        if len(others) < len(free):
            free = others
            yield first
    start = 0
    while start + MAX_LINES < len(free):
        first = free[start]
        if free[start + MAX_LINES].at > first.at + WINDOW:
            start += 1
            continue
        yield first
        while start < len(free) and free[start].at <= first.at + WINDOW:
            start += 1
