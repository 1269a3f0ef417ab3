"""What a program knows of the torrents that its person sees, and what has changed since. Row by row, nothing is stored.

A cursor holds, for each account, the revision up to which the program knows everything (accounts/models/revisions.py),
and how many torrents it shows, the sum of their keys, and the largest key. Rows with a later revision have changed. What
is gone without a trace, such as a torrent that someone hid, shows in number and sum: then the program starts again.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.db.models import Case, Count, F, Max, OuterRef, Q, QuerySet, Subquery, Sum, Value, When
from django.db.models.functions import Coalesce, Greatest

from accounts.models import TorBoxAccount, User
from accounts.prepared_query import Prepared
from torrents.models import Torrent

from .problems import Code, Problem
from .torrent_rows import completed, readable

MAX_CHANGES = 500  # torrents in one answer
MAX_CURSOR = 10_000  # characters
BIGGEST = 2**63 - 1
Revisions = dict[int, int]  # by account


class Shown(NamedTuple):
    """Which torrents of an account a person sees, without naming them."""

    torrents: int = 0
    sum_of_keys: int = 0
    largest: int = 0


@dataclass(frozen=True)
class Known:
    """What a program knows, by account."""

    revisions: Revisions
    shown: dict[int, Shown]

    def as_text(self) -> str:
        """Return it as a cursor."""
        rows = [[pk, revision, *self.shown.get(pk, Shown())] for pk, revision in self.revisions.items()]
        return base64.urlsafe_b64encode(json.dumps(rows, separators=(",", ":")).encode()).decode().rstrip("=")

    @classmethod
    def of(cls, cursor: str) -> Known:
        """Return what a cursor says. Raises `Problem`."""
        try:
            data = base64.b64decode((cursor + "=" * (-len(cursor) % 4)).encode("ascii"), b"-_", validate=True)
            found = json.loads(data)
            if not isinstance(found, list):
                raise ValueError("not a list")
            rows = [tuple(map(_number, row)) for row in found]
            return cls(
                {pk: revision for pk, revision, *_ in rows}, {pk: Shown(*more) for pk, _, *more in rows}
            )
        except (ValueError, TypeError, RecursionError):
            raise Problem(Code.CURSOR) from None


@dataclass(frozen=True)
class Changes:
    """What has changed. `incomplete`: more than that, so the program has to read the list again."""

    cursor: str
    changed: list[Torrent] = field(default_factory=list)
    gone: list[int] = field(default_factory=list)
    incomplete: bool = False


def revisions(user: User) -> Revisions:
    """Return the revision of the last change that the user may see on each of their accounts."""
    return dict(REVISIONS.values([user.pk]))


def changes(user: User, since: Known | None) -> Changes:
    """Return what has changed for a user since then, or everything that there is to know without `since`."""
    now = revisions(user)
    if since and since.revisions == now:
        return Changes(since.as_text())
    accounts = list(TorBoxAccount.objects.visible_to(user).with_level(user))
    # In this order, a change in between comes again with the next answer, or makes it incomplete.
    cursor = Known(now, _shown(user, accounts)).as_text()
    if since is None or since.revisions.keys() != now.keys():
        return Changes(cursor, incomplete=True)
    older = _shown(user, accounts, since.shown)
    changed = list(readable(_later(_seen(user, accounts), since), user).order_by("pk")[: MAX_CHANGES + 1])
    gone = _gone(user, accounts, since)
    if len(changed) > MAX_CHANGES or not _explained(since, older, gone):
        return Changes(cursor, incomplete=True)
    return Changes(cursor, completed(changed, accounts), [pk for _, pk in gone])


def _later(rows: Any, since: Known) -> Any:
    """Return the rows that changed later."""
    later = Q(pk__in=[])
    for pk, revision in since.revisions.items():
        later |= Q(account=pk, revision__gt=revision)
    return rows.filter(later)


def _gone(user: User, accounts: Iterable[TorBoxAccount], since: Known) -> list[tuple[int, int]]:
    """Return account and key of each torrent that was deleted since then."""
    removed = _later(Torrent.objects.seen_on(accounts, user).removed(), since)
    return [
        (account, pk)
        for account, pk in removed.order_by("pk").values_list("account_id", "pk")
        if pk <= since.shown[account].largest
    ]


def _explained(since: Known, older: dict[int, Shown], gone: list[tuple[int, int]]) -> bool:
    """Return whether the torrents that the program knew are those that are still shown, and those that are gone."""
    for account, known in since.shown.items():
        left = [pk for owner, pk in gone if owner == account]
        now = older.get(account, Shown())
        if (now.torrents + len(left), now.sum_of_keys + sum(left)) != (known.torrents, known.sum_of_keys):
            return False
    return True


def _shown(
    user: User, accounts: Iterable[TorBoxAccount], up_to: Mapping[int, Shown] | None = None
) -> dict[int, Shown]:
    """Return which torrents the user sees on each account, up to the largest key in `up_to`."""
    rows = _seen(user, accounts)
    for account, known in (up_to or {}).items():
        rows = rows.exclude(account=account, pk__gt=known.largest)
    counted = rows.order_by().values_list("account_id").annotate(Count("pk"), Sum("pk"), Max("pk"))
    return {account: Shown(*map(int, numbers)) for account, *numbers in counted}


def _seen(user: User, accounts: Iterable[TorBoxAccount]) -> Any:
    return Torrent.objects.listed().seen_on(accounts, user)


def _number(value: object) -> int:
    """Return a number of a cursor. Raises ValueError."""
    if type(value) is not int or not 0 <= value <= BIGGEST:
        raise ValueError("not one of our numbers")
    return value


def _revisions_for(viewer: int) -> QuerySet[TorBoxAccount, Any]:
    """Return key and revision of each account. For its owner it is that of any change."""
    mine: Any = Torrent.objects.filter(account=OuterRef("pk"), hidden=True, added_by=viewer).order_by()
    hidden = Coalesce(Subquery(mine.values("account").annotate(far=Max("revision")).values("far")), Value(0))
    seen = Case(When(owner=viewer, then=F("revision")), default=Greatest(F("shown_revision"), hidden))
    accounts = TorBoxAccount.objects.visible_to(User(pk=viewer)).annotate(seen=seen)
    return accounts.order_by("pk").values_list("pk", "seen")


REVISIONS = Prepared(_revisions_for)
