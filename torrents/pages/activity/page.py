"""Activity, newest first: its filters, and pages by key, so that new events don't shift them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TypeVar
from urllib.parse import urlencode

from django.db.models import Exists, Model, OuterRef, QuerySet
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import TorBoxAccount, User
from torrents.models import Activity, ActivityQuerySet, Torrent
from torrents.saving_states import saves_to_disk
from torrents.searching import holding_words

from .. import page_position
from ..choice import Choice
from .event_words import EVENTS
from .lines import SAVING, ActivityLine, events_saying, line

PAGE_SIZE = 50
Kind = Activity.Kind
M = TypeVar("M", bound=Model)


class ActivityPage:
    """The events that `user` may see under a query string (`person`, `torrent`, `kind`, `q`, `before`).

    An id that they may not see raises `Http404`; other unknown values mean the default.
    """

    def __init__(self, user: User, query: Mapping[str, str]) -> None:
        self.user = user
        self.kind = query.get("kind", "") if query.get("kind") in Kind.values else ""
        self.query = query.get("q", "").replace("\0", "").strip()[:200]
        self.before = page_position.read(query.get("before", ""))
        self.person = _one(
            User.objects.filter(pk__in=[one.pk for one in self.people]), query.get("person", "")
        )
        self.torrent = _one(Torrent.objects.on_visible_accounts(user), query.get("torrent", ""))

    @cached_property
    def people(self) -> list[User]:
        """Return the people behind the events that the person may see."""
        theirs = Activity.objects.visible_to(self.user).filter(person=OuterRef("pk"))
        return list(User.objects.filter(Exists(theirs)).order_by("shown_name", "username"))

    @property
    def entries(self) -> ActivityQuerySet:
        """Return all events that match the filters, newest first."""
        entries = Activity.objects.visible_to(self.user)
        if self.person:
            entries = entries.filter(person=self.person)
        if self.torrent:
            entries = entries.filter(torrent=self.torrent)
        if self.kind:
            entries = entries.filter(kind=self.kind)
        if self.query:
            entries = entries.filter(holding_words(self.query, "folded", or_else=events_saying))
        return entries.order_by("-at", "-pk")

    @cached_property
    def lines(self) -> list[ActivityLine]:
        several = TorBoxAccount.objects.visible_to(self.user).count() > 1
        return [line(entry, several) for entry in self._shown[:PAGE_SIZE]]

    @property
    def older_url(self) -> str:
        if len(self._shown) <= PAGE_SIZE:
            return ""
        last = self._shown[PAGE_SIZE - 1]
        return self._url(before=page_position.write((last.at, last.pk)))

    @property
    def newest_url(self) -> str:
        return self._url() if self.before else ""

    @property
    def person_choices(self) -> list[Choice]:
        every = Choice("", _("Everyone"), self._url(person=""), self.person is None)
        return [every] + [
            Choice(str(one.pk), one.display_name, self._url(person=one.pk), one == self.person)
            for one in self.people
        ]

    @property
    def kind_choices(self) -> list[Choice]:
        absent = () if saves_to_disk() else SAVING
        return [
            Choice(key, _kind_label(key), self._url(kind=key), key == self.kind)
            for key in ("", *Kind.values)
            if key not in absent or key == self.kind
        ]

    @property
    def person_label(self) -> str:
        return self.person.display_name if self.person else _("Everyone")

    @property
    def kind_label(self) -> str:
        return _kind_label(self.kind)

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
        """Return a page of events, and one more if there are older ones."""
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


def _kind_label(kind: str) -> str:
    return str(EVENTS[kind].label) if kind else _("Everything")


def _one(among: QuerySet[M], key: str) -> M | None:
    """Return the row with this key, or None if no key is given. Raises `Http404` if it isn't among them."""
    if not key:
        return None
    found = among.filter(pk=int(key)).first() if key.isascii() and key.isdecimal() and len(key) < 19 else None
    if found is None:
        raise Http404
    return found
