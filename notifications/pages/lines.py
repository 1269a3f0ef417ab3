"""The lines of the bell: what was told, with a burst as one line, and what needs attention apart from the rest."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import BigIntegerField, Count, F, Max, Q, Window
from django.db.models.functions import Coalesce, RowNumber
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from accounts.models import User
from localization.formats import day, time_of_day

from .. import words
from ..events import NEEDS_ATTENTION
from ..models import Notification, NotificationQuerySet
from .solving import Button, Solver
from .targets import torrent_url

NEEDS = Q(kind__in=NEEDS_ATTENTION, resolved_at=None)
MAY_BE_SOLVED = 10  # lines that are read in case that others are solved already
Place = tuple[datetime, int]  # of the newest of a line, and the key of the first


@dataclass(frozen=True)
class Line:
    """A line: markup of what happened, and the facts as text or markup. The URLs are empty if there is nothing to do."""

    pk: int
    tone: str
    unread: bool
    sentence: SafeString
    facts: str
    at: datetime
    shown_at: str
    mute_url: str
    read_url: str
    place: Place
    buttons: tuple[Button, ...] = field(default=())


@dataclass
class Group:
    """What stands in one line: the key of the first, how many there are, and when the newest was told.

    `members` are the newest few of them.
    """

    pk: int
    size: int
    unread: int
    last: datetime
    members: list[Notification] = field(default_factory=list)

    @property
    def place(self) -> Place:
        return self.last, self.pk


def needing(user: User, most: int) -> list[Line]:
    """Return the lines that stay until they are solved, newest first."""
    groups = _groups(user, Notification.objects.in_bell(user).filter(NEEDS), None, most + MAY_BE_SOLVED)
    solver = Solver(user, [group.members[0] for group in groups if group.size == 1])
    lasting = [group for group in groups if not solver.has_solved(group.members[0])]
    return [_line(group, solver) for group in lasting[:most]]


def others(user: User, most: int, before: Place | None = None) -> list[Line]:
    """Return the other lines, newest first: those after the line that was at `before`."""
    groups = _groups(user, Notification.objects.in_bell(user).exclude(NEEDS), before, most)
    return [_line(group, None) for group in groups]


def _groups(user: User, rows: NotificationQuerySet, before: Place | None, most: int) -> list[Group]:
    """Return the newest groups of these rows, each with the members that its line names."""
    line = Coalesce("burst_id", "pk", output_field=BigIntegerField())
    grouped: Any = rows.order_by().annotate(line=line).values("line")
    grouped = grouped.annotate(
        size=Count("pk"), last=Max("at"), unread=Count("pk", filter=Q(read_at=None))
    ).order_by("-last", "-line")
    if before:
        at, pk = before
        grouped = grouped.filter(Q(last__lt=at) | Q(last=at, line__lt=pk))
    groups = {
        found["line"]: Group(found["line"], found["size"], found["unread"], found["last"])
        for found in grouped[:most]
    }
    newest_first = [F("at").desc(), F("pk").desc()]
    members: Any = rows.filter(Q(pk__in=groups) | Q(burst__in=groups))
    members = members.annotate(place=Window(RowNumber(), partition_by=[line], order_by=newest_first))
    named = members.filter(place__lte=words.SHOWN_OF_BURST)
    for note in named.select_related("torrent", "account", "actor", "channel").order_by("-at", "-pk"):
        groups[note.burst_id or note.pk].members.append(note)
    return [group for group in groups.values() if group.members]


def _line(group: Group, solver: Solver | None) -> Line:
    note = group.members[0]
    url = reverse("notifications:open", args=[note.pk])
    if group.size > 1:
        sentence = words.burst_sentence(note.kind, group.size, url=url)
        facts: str = words.burst_facts([member.name for member in group.members], group.size)
    else:
        sentence, facts = words.sentence(note, url=torrent_url(note) or url), words.facts(note)
    return Line(
        pk=note.pk,
        tone=words.tone(note),
        unread=group.unread > 0,
        sentence=sentence,
        facts=facts,
        at=group.last,
        shown_at=_shown_at(group.last),
        mute_url=_mute_url(note) if group.size == 1 else "",
        read_url=reverse("notifications:read", args=[note.pk]) if group.unread else "",
        place=group.place,
        buttons=solver.buttons(note) if solver and group.size == 1 else (),
    )


def _mute_url(note: Notification) -> str:
    """Return the URL that mutes its torrent; "" if there is none in the list anymore."""
    torrent = note.torrent
    return reverse("notifications:mute", args=[torrent.pk]) if torrent and torrent.removed_at is None else ""


def _shown_at(moment: datetime) -> str:
    """Return the time if it was today, else the day."""
    days = (timezone.localdate() - timezone.localdate(moment)).days
    return {0: time_of_day(moment), 1: _("Yesterday")}.get(days) or day(moment)
