"""Whether a list changed, answered from the query that says who asks: open tabs ask thousands of times a day.

The cursor of a person is the marks of all accounts they see, one after the other. It changes exactly when
something of a page may have: a revision, a read of TorBox's list, an account more or less, a worker that is gone.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.db.models import Case, CharField, Exists, Func, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Cast, Coalesce, Concat
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from accounts.models import Share, TorBoxAccount, TorBoxAccountQuerySet, User

from .models import Heartbeat
from .services.refreshing import look_is_due, moves
from .status.machinery import is_late

WATCHED = "@"


class Joined(Func):
    """All values of a column in one text, with commas between them, in no particular order."""

    function = "GROUP_CONCAT"
    output_field = CharField()

    def as_postgresql(self, compiler: Any, connection: Any, **more: Any) -> Any:
        return self.as_sql(compiler, connection, function="STRING_AGG", **more)


def with_lists(people: QuerySet[User]) -> QuerySet[User]:
    """Each person with `marks` of the accounts they see, `owns_account`, and `worker_at`, the worker's last sign.

    Behind the mark of an account where something moves it says until when that is watched. All of it is text.
    """
    shared = Share.objects.filter(account=OuterRef("pk"), user=OuterRef(OuterRef("pk")))
    seen = with_marks(TorBoxAccount.objects.filter(Q(owner=OuterRef("pk")) | Exists(shared)))
    watched = Case(When(moves(), then=Concat(Value(WATCHED), _text("watched_until"))), default=Value(""))
    marks = seen.annotate(marks=Joined(Concat("mark", watched), Value(","))).order_by().values("marks")
    own = Exists(TorBoxAccount.objects.filter(owner=OuterRef("pk")))
    worker_at = last_sign().annotate(text=_text("at")).values("text")
    return people.annotate(marks=Subquery(marks), owns_account=own, worker_at=Subquery(worker_at))


def with_marks(accounts: TorBoxAccountQuerySet) -> TorBoxAccountQuerySet:
    """Each account with `mark`, which says how far its list is."""
    read = Coalesce(_text("refreshed_at"), Value("never"))
    return accounts.annotate(mark=Concat(_text("pk"), Value("."), _text("revision"), Value("."), read))


def last_sign() -> QuerySet[Heartbeat, Any]:
    return Heartbeat.objects.filter(name__startswith="worker").order_by("-at").values("at")[:1]


def cursor(marks: list[str], worker_at: datetime | None) -> str:
    return ",".join([*sorted(marks), *(["down"] if worker_at and is_late(worker_at) else [])])


def is_unchanged(person: User, since: str | None) -> bool:
    """Nothing is newer than the cursor `since`, and no account has to be told that somebody looks."""
    known: str | None = getattr(person, "marks", None)
    if not known:
        return False
    marks, watched = zip(*(one.partition(WATCHED)[::2] for one in known.split(",")), strict=True)
    if any(look_is_due(_moment(until)) for until in watched if until):
        return False
    return cursor(list(marks), _moment(getattr(person, "worker_at", None))) == since


def _text(column: str) -> Cast:
    return Cast(column, CharField())


def _moment(text: str | None) -> datetime | None:
    """A moment that a database gave as text; SQLite's are in UTC and do not say so."""
    found = parse_datetime(text) if text else None
    return found.replace(tzinfo=UTC) if found and timezone.is_naive(found) else found
