"""Who did what, newest first: filters, and pages by keyset, so that what is new shifts nothing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import TypeVar
from urllib.parse import urlencode

from django.db.models import Exists, Model, OuterRef, Q, QuerySet
from django.http import Http404
from django.urls import reverse

from accounts.models import TorBoxAccount, User

from .activity_lines import Line, line
from .listing import Choice
from .models import Activity, ActivityQuerySet, Torrent

PAGE_SIZE = 50
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
Kind = Activity.Kind
M = TypeVar("M", bound=Model)


class ActivityPage:
    """What `user` may read under a query string (`person`, `torrent`, `kind`, `q`, `before`).

    An id that is not theirs to see raises `Http404`; other unknown values mean the default.
    """

    def __init__(self, user: User, query: Mapping[str, str]) -> None:
        self.user = user
        self.kind = query.get("kind", "") if query.get("kind") in Kind.values else ""
        self.query = query.get("q", "").replace("\0", "").strip()[:200]
        self.before = _position(query.get("before", ""))
        self.person = _one(
            User.objects.filter(pk__in=[one.pk for one in self.people]), query.get("person", "")
        )
        self.torrent = _one(Torrent.objects.on_visible_accounts(user), query.get("torrent", ""))

    @cached_property
    def people(self) -> list[User]:
        """Those who did anything that the person may read."""
        theirs = Activity.objects.visible_to(self.user).filter(person=OuterRef("pk"))
        return list(User.objects.filter(Exists(theirs)).order_by("shown_name", "username"))

    @property
    def entries(self) -> ActivityQuerySet:
        """All under the filters, newest first, on whatever page."""
        entries = Activity.objects.visible_to(self.user)
        if self.person:
            entries = entries.filter(person=self.person)
        if self.torrent:
            entries = entries.filter(torrent=self.torrent)
        if self.kind:
            entries = entries.filter(kind=self.kind)
        if self.query:
            entries = entries.filter(Q(name__icontains=self.query) | Q(detail__icontains=self.query))
        return entries.order_by("-at", "-pk")

    @cached_property
    def lines(self) -> list[Line]:
        several = TorBoxAccount.objects.visible_to(self.user).count() > 1
        return [line(entry, several) for entry in self._shown[:PAGE_SIZE]]

    @property
    def older_url(self) -> str:
        if len(self._shown) <= PAGE_SIZE:
            return ""
        last = self._shown[PAGE_SIZE - 1]
        return self._url(before=f"{(last.at - EPOCH) // timedelta(microseconds=1)}-{last.pk}")

    @property
    def newest_url(self) -> str:
        return self._url() if self.before else ""

    @property
    def person_choices(self) -> list[Choice]:
        every = Choice("", "Everyone", self._url(person=""), self.person is None)
        return [every] + [
            Choice(str(one.pk), one.display_name, self._url(person=one.pk), one == self.person)
            for one in self.people
        ]

    @property
    def kind_choices(self) -> list[Choice]:
        kinds = [("", "Everything"), *Kind.choices]
        return [Choice(key, label, self._url(kind=key), key == self.kind) for key, label in kinds]

    @property
    def kind_label(self) -> str:
        return Kind(self.kind).label if self.kind else "Everything"

    @property
    def is_filtered(self) -> bool:
        return bool(self.person or self.torrent or self.kind or self.query)

    @property
    def without_torrent_url(self) -> str:
        return self._url(torrent="")

    @property
    def export_url(self) -> str:
        return self._url(reverse("torrents:activity_export"))

    @cached_property
    def _shown(self) -> list[Activity]:
        """A page and one more, which tells whether there are older ones."""
        entries = self.entries.for_display(self.user)
        if self.before:
            at, pk = self.before
            entries = entries.filter(at__lte=at).exclude(at=at, pk__gte=pk)
        return list(entries[: PAGE_SIZE + 1])

    def _url(self, path: str = "", **changes: object) -> str:
        query = {
            "person": self.person.pk if self.person else "",
            "torrent": self.torrent.pk if self.torrent else "",
            "kind": self.kind,
            "q": self.query,
        } | changes
        encoded = urlencode({key: value for key, value in query.items() if value})
        return (path or reverse("torrents:activity")) + (f"?{encoded}" if encoded else "")


def _one(among: QuerySet[M], key: str) -> M | None:
    """The one with this key; None when no key is given. Raises `Http404` when it is not among them."""
    if not key:
        return None
    found = among.filter(pk=int(key)).first() if key.isascii() and key.isdecimal() and len(key) < 19 else None
    if found is None:
        raise Http404
    return found


def _position(text: str) -> tuple[datetime, int] | None:
    """The last entry of the page before: microseconds since 1970, and its key."""
    at, _, pk = text.partition("-")
    if not (at.isascii() and pk.isascii() and at.isdecimal() and pk.isdecimal()) or len(text) > 36:
        return None
    try:
        return EPOCH + timedelta(microseconds=int(at)), min(int(pk), 2**62)
    except OverflowError:
        return None
