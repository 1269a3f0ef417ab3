"""Tell whether a list has changed, from the query that reads the user: open tabs ask thousands of times a day.

The cursor of a user is made of the marks of all accounts they see. It changes exactly when their page may have: with
a revision, a read of TorBox's list, an account more or less, or a worker that went down. A change of torrents that
are hidden from them doesn't change it.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.db.models import (
    Case,
    CharField,
    Count,
    Exists,
    F,
    Func,
    Max,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Cast, Coalesce, Concat
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from accounts.models import Share, TorBoxAccount, TorBoxAccountQuerySet, User
from torrents.models import Heartbeat, SavedView, Torrent
from torrents.services.sync.refreshing import look_is_due, moves
from torrents.services.upkeep.heartbeats import is_late

WATCHED = "@"


class Joined(Func):
    """All values of a column in one text, separated by commas, in no particular order."""

    function = "GROUP_CONCAT"
    output_field = CharField()

    def as_postgresql(self, compiler: Any, connection: Any, **more: Any) -> Any:
        return self.as_sql(compiler, connection, function="STRING_AGG", **more)


def with_lists(people: QuerySet[User]) -> QuerySet[User]:
    """Annotate users with `marks` of the accounts they see, `owns_account`, `has_views`, and `worker_at`.

    `has_views` tells whether they saved views of the list, and `worker_at` is the last heartbeat of a worker. If something
    moves on an account, its mark is followed by the time until which it is watched. Marks and times are text.
    """
    shared = Share.objects.filter(account=OuterRef("pk"), user=OuterRef(OuterRef("pk")))
    seen = TorBoxAccount.objects.filter(Q(owner=OuterRef("pk")) | Exists(shared))
    seen = with_marks(seen, OuterRef("pk"), OuterRef(OuterRef("pk")))
    watched = Case(When(moves(), then=Concat(Value(WATCHED), _text("watched_until"))), default=Value(""))
    marks = seen.annotate(marks=Joined(Concat("mark", watched), Value(","))).order_by().values("marks")
    own = Exists(TorBoxAccount.objects.filter(owner=OuterRef("pk")))
    views = Exists(SavedView.objects.filter(person=OuterRef("pk")))
    more = {"owns_account": own, "has_views": views, "worker_at": Subquery(last_sign())}
    return people.annotate(marks=Subquery(marks), **more)


def with_marks(accounts: TorBoxAccountQuerySet, viewer: Any, inside: Any = None) -> TorBoxAccountQuerySet:
    """Annotate each account with `mark`, which changes with its list as `viewer`, a primary key, sees it.

    For the owner it holds the revision, for others the `shown_revision` and that of their own hidden torrents.
    `inside`: the viewer as seen from a subquery, if that differs.
    """
    read = Coalesce(_text("refreshed_at"), Value("never"))
    mine: Any = Torrent.objects.filter(account=OuterRef("pk"), hidden=True, added_by=inside or viewer)
    far = Concat(_text(Max("revision")), Value("/"), _text(Count("pk")))
    mine = mine.order_by().values("account").annotate(far=far).values("far")
    theirs = Concat(_text("shown_revision"), Value("/"), Coalesce(Subquery(mine), Value("")))
    seen = Case(When(owner=viewer, then=_text("revision")), default=theirs)
    return accounts.annotate(mark=Concat(_text("pk"), Value("."), seen, Value("."), read))


def last_sign() -> QuerySet[Heartbeat, Any]:
    """Return a query for the time of the last heartbeat of a worker, as text."""
    signs = Heartbeat.objects.filter(name__startswith="worker").order_by("-at")
    return signs.annotate(text=_text("at")).values("text")[:1]


def cursor(marks: list[str], worker_at: datetime | None) -> str:
    """Return the cursor for these marks. It says so if the worker is down."""
    return ",".join([*sorted(marks), *(["down"] if worker_at and is_late(worker_at) else [])])


def is_unchanged(person: User, since: str | None) -> bool:
    """Return whether nothing is newer than the cursor `since`, and no account has to be marked as watched."""
    known: str | None = getattr(person, "marks", None)
    if not known:
        return False
    marks, watched = zip(*(one.partition(WATCHED)[::2] for one in known.split(",")), strict=True)
    if any(look_is_due(as_moment(until)) for until in watched if until):
        return False
    return cursor(list(marks), as_moment(getattr(person, "worker_at", None))) == since


def _text(column: Any) -> Cast:
    return Cast(F(column) if isinstance(column, str) else column, CharField())


def as_moment(text: str | None) -> datetime | None:
    """Parse a time that a database returned as text. SQLite's are in UTC without saying so."""
    found = parse_datetime(text) if text else None
    return found.replace(tzinfo=UTC) if found and timezone.is_naive(found) else found
