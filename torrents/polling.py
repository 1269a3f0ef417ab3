"""Whether a list changed, answered from the query that says who asks: open tabs ask thousands of times a day.

The cursor of a person is the marks of all accounts they see, one after the other. It changes exactly when
something of a page may have: a revision, a read of TorBox's list, an account more or less, a worker that is gone.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Case, CharField, Exists, Func, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Cast, Coalesce, Concat
from django.utils import timezone

from accounts.models import Share, TorBoxAccount, TorBoxAccountQuerySet, User

from .models import Heartbeat
from .services.refreshing import look_is_due
from .status.machinery import is_late

LOOK = "look"


class Joined(Func):
    """All values of a column in one text, with commas between them, in no particular order."""

    function = "GROUP_CONCAT"
    output_field = CharField()

    def as_postgresql(self, compiler: Any, connection: Any, **more: Any) -> Any:
        return self.as_sql(compiler, connection, function="STRING_AGG", **more)


def with_lists(people: QuerySet[User]) -> QuerySet[User]:
    """Each person with `marks` of the accounts they see, `owns_account`, and `worker_at`, the worker's last sign."""
    shared = Share.objects.filter(account=OuterRef("pk"), user=OuterRef(OuterRef("pk")))
    seen = with_marks(TorBoxAccount.objects.filter(Q(owner=OuterRef("pk")) | Exists(shared)))
    look = Case(When(look_is_due(timezone.now()), then=Value(f"-{LOOK}")), default=Value(""))
    marks = seen.annotate(marks=Joined(Concat("mark", look), Value(","))).order_by().values("marks")
    own = Exists(TorBoxAccount.objects.filter(owner=OuterRef("pk")))
    return people.annotate(marks=Subquery(marks), owns_account=own, worker_at=Subquery(last_sign()))


def with_marks(accounts: TorBoxAccountQuerySet) -> TorBoxAccountQuerySet:
    """Each account with `mark`, which says how far its list is."""
    read = Coalesce(Cast("refreshed_at", CharField()), Value("never"))
    revision = Cast("revision", CharField())
    return accounts.annotate(mark=Concat(Cast("pk", CharField()), Value("."), revision, Value("."), read))


def last_sign() -> QuerySet[Heartbeat, Any]:
    return Heartbeat.objects.filter(name__startswith="worker").order_by("-at").values("at")[:1]


def cursor(marks: list[str], worker_at: datetime | None) -> str:
    return ",".join([*sorted(marks), *(["down"] if worker_at and is_late(worker_at) else [])])


def is_unchanged(person: User, since: str | None) -> bool:
    """Nothing is newer than the cursor `since`, and no account has to be told that somebody looks."""
    marks: str | None = getattr(person, "marks", None)
    return marks is not None and cursor(marks.split(","), getattr(person, "worker_at", None)) == since
