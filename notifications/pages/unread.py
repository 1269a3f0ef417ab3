"""How much is unread in the bell of a person, from the query that reads the person: every page and poll shows it."""

from __future__ import annotations

from typing import Any

from django.db.models import BigIntegerField, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from accounts.models import User

from ..models import Notification, NotificationQuerySet

MAX_COUNTED = 10  # the bell shows “9+” from there


class Rows(Subquery):
    """The number of rows that a query returns, which may be sliced."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) AS told)"
    output_field = IntegerField()


def with_unread(people: QuerySet[User]) -> QuerySet[User]:
    """Annotate users with `unread_lines`: how many lines of their bell are unread, up to MAX_COUNTED."""
    theirs = Notification.objects.filter(person=OuterRef("pk")).still_visible()
    return people.annotate(unread_lines=Rows(_lines(theirs)))


def unread_lines(user: User) -> int:
    """Return how many lines of a person's bell are unread, up to MAX_COUNTED."""
    known: int | None = getattr(user, "unread_lines", None)
    if known is None:
        known = len(_lines(Notification.objects.of(user)))
        user.unread_lines = known  # type: ignore[attr-defined]
    return known


def count_again(user: User) -> None:
    """Forget the number after something was read."""
    user.unread_lines = None  # type: ignore[attr-defined]


def _lines(rows: NotificationQuerySet) -> QuerySet[Notification, Any]:
    """Return the unread lines among rows. A burst is one line."""
    line = Coalesce("burst_id", "pk", output_field=BigIntegerField())
    unread = rows.filter(in_bell=True).unread().order_by()
    return unread.annotate(line=line).values("line").distinct()[:MAX_COUNTED]
