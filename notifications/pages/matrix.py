"""*What to send*: a box for each event and each place that it can go to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from localization.formats import enumerated
from torrents.formatting import display_name
from torrents.saving_states import saves_to_disk

from ..channel_names import channel_name, name_in_list, service_name
from ..events import SAVING, Event, Place
from ..models import Channel

MAX_HEADING = 24  # characters
GROUPS: list[tuple[str, str | Promise, list[str]]] = [
    (
        "mine",
        gettext_lazy("My torrents"),
        [
            Event.READY,
            Event.FAILED,
            Event.STALLED,
            Event.EXPIRING,
            Event.WAITING,
            Event.SAVED,
            Event.NOT_SAVED,
        ],
    ),
    ("household", gettext_lazy("Household"), [Event.ADDED, Event.LINK]),
    ("account", gettext_lazy("My TorBox account"), [Event.KEY, Event.PLAN]),
]
# Translators: events that people can be told about, in the table of notification settings.
EVENT_NAMES: dict[str, str | Promise] = {
    Event.READY: pgettext_lazy("event", "Ready"),
    Event.FAILED: pgettext_lazy("event", "Failed"),
    Event.STALLED: pgettext_lazy("event", "Stalled"),
    Event.EXPIRING: pgettext_lazy("event", "Expiring or gone"),
    Event.WAITING: pgettext_lazy("event", "Waiting to be sent"),
    # Translators: saved to the household's own disk.
    Event.SAVED: pgettext_lazy("event", "Saved to disk"),
    Event.NOT_SAVED: pgettext_lazy("event", "Saving failed"),
    Event.ADDED: pgettext_lazy("event", "Someone adds a torrent"),
    Event.LINK: pgettext_lazy("event", "Someone downloads my torrent"),
    Event.KEY: pgettext_lazy("event", "API key refused"),
    Event.PLAN: pgettext_lazy("event", "Plan about to end"),
}
Key = str | int
IsChosen = Callable[[str, Key], bool]


@dataclass(frozen=True)
class Column:
    """A place that events go to: "bell", "push", or the key of a channel. `in_list` is its name inside a list."""

    key: Key
    heading: str
    in_list: str


@dataclass(frozen=True)
class Box:
    """One box of the table: the event of its row at the place of its column."""

    column: Column
    name: str
    event_name: str
    checked: bool

    @property
    def label(self) -> str:
        # Translators: an event and where it goes, read aloud for a box: “Ready: Email”.
        return _("%(event)s: %(place)s") % {"event": self.event_name, "place": self.column.heading}


@dataclass(frozen=True)
class Row:
    """An event with its boxes."""

    event: str
    name: str
    boxes: list[Box]

    @property
    def where(self) -> str:
        """Return where the event goes: “Bell, push, email”, or “Off”."""
        columns = [box.column for box in self.boxes if box.checked]
        if not columns:
            # Translators: an event that a person isn't told about.
            return pgettext("event", "Off")
        return enumerated([columns[0].heading, *(column.in_list for column in columns[1:])])


@dataclass(frozen=True)
class Group:
    """Rows under one heading."""

    title: str
    rows: list[Row]


def columns_of(channels: Iterable[Channel]) -> list[Column]:
    """Return the places of a person who may use these channels. All devices with push share one."""
    # Translators: where the app itself shows what happened, as the heading of a column, and inside a list.
    columns = [Column(Place.BELL.value, pgettext("place", "Bell"), pgettext("place in a list", "bell"))]
    channels = list(channels)
    if any(channel.is_push for channel in channels):
        columns.append(Column(Place.PUSH.value, service_name("push"), name_in_list("push")))
    others = [channel for channel in channels if not channel.is_push]
    return [*columns, *_channel_columns(others)]


def _channel_columns(channels: Sequence[Channel]) -> Iterator[Column]:
    """Yield a column for each channel: called by its service, or by its label if there are several of one service."""
    alike = Counter(channel.kind for channel in channels)
    taken: Counter[str] = Counter()
    for channel in channels:
        if alike[channel.kind] == 1:
            heading, in_list = service_name(channel.kind), name_in_list(channel.kind)
        else:
            heading = in_list = display_name(channel_name(channel), MAX_HEADING)
        taken[heading] += 1
        if taken[heading] > 1:
            heading = in_list = f"{heading} {taken[heading]}"
        yield Column(channel.pk, heading, in_list)


def groups_of(columns: Sequence[Column], is_chosen: IsChosen, *, owns_account: bool) -> list[Group]:
    """Return the table. What happens to a TorBox account concerns only its owner."""
    absent = frozenset() if saves_to_disk() else SAVING
    return [
        Group(str(title), [_row(event, columns, is_chosen) for event in events if event not in absent])
        for key, title, events in GROUPS
        if key != "account" or owns_account
    ]


def _row(event: str, columns: Sequence[Column], is_chosen: IsChosen) -> Row:
    name = str(EVENT_NAMES[event])
    boxes = [
        Box(column, box_name(event, column.key), name, is_chosen(event, column.key)) for column in columns
    ]
    return Row(event, name, boxes)


def box_name(event: str, place: Key) -> str:
    """Return the name of a box in the form."""
    return f"{event}-{place}"


def chosen(groups: Sequence[Group], form: QueryDict) -> dict[tuple[str, Key], bool]:
    """Return what a form says about the boxes that its page showed (`places`). It says nothing about others."""
    shown = set(form.getlist("places"))
    return {
        (row.event, box.column.key): box.name in form
        for group in groups
        for row in group.rows
        for box in row.boxes
        if str(box.column.key) in shown
    }
