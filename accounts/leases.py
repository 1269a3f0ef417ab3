"""Leases on work that only one process may do at a time, stored in a database row."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from .deadlines import passed


@dataclass(frozen=True)
class Lease:
    """The exclusive right to do one kind of work, until `term` is over.

    `rows` selects the one row that stores it, in the columns named `until` and `holder`. `term` is longer than any
    step of the work may take, and the holder renews the lease between steps. So the lease of a process that died
    expires soon, and two processes never work at the same time. A lease that ends later than `term` from now was
    taken with a wrong clock and counts as free.
    """

    rows: QuerySet[Any, Any]
    by: str
    term: timedelta
    until: str = "until"
    holder: str = "holder"
    clock: Callable[[], datetime | Now] = timezone.now

    def take(self, among: QuerySet[Any, Any] | None = None) -> bool:
        """Take or extend the lease for a full term. Return False while another process holds it.

        `among` narrows `rows` to a condition that has to hold at that moment.
        """
        now = self.clock()
        mine = Q(**{self.holder: self.by})
        free = (
            Q(**{self.holder: ""}) | Q(**{f"{self.until}__isnull": True}) | passed(self.until, self.term, now)
        )
        rows = self.rows if among is None else among
        return self._write(rows.filter(mine | free), self.by, now + self.term)

    def renew(self) -> bool:
        """Extend the lease for a full term. Return False if it expired and another process has taken it."""
        return self._write(self._mine(), self.by, self.clock() + self.term)

    def drop(self) -> None:
        """Release the lease."""
        self._write(self._mine(), "", None)

    def _mine(self) -> QuerySet[Any, Any]:
        return self.rows.filter(**{self.holder: self.by})

    def _write(self, rows: QuerySet[Any, Any], holder: str, until: object) -> bool:
        return rows.update(**{self.holder: holder, self.until: until}) == 1
