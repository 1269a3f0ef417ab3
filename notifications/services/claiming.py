"""Choose and claim the rows that go out as one message, and write what came of it.

A message is sent once, as far as its service lets us know: rows are claimed in a transaction of their own, the message is
sent outside of any, and its result is written only where the claim still holds. A message that may have reached its
service keeps its id and its rows when it is sent again.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import uuid4

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

import torbox
from accounts.deadlines import long_ago, passed
from accounts.models import User
from accounts.transactions import in_transaction

from ..events import Kind
from ..models import Channel, Delivery, DeliveryState, Notification, TorrentChoice
from .backoff import MAX_WAIT
from .schedule import MAX_HELD, SINGLY, held_until

CLAIMED_FOR = timedelta(minutes=2)
SENT_WITHIN = 30.0  # seconds from the claim until the message must be on its way
MAX_ROWS = 1000  # in one message
WAITING, SENDING = DeliveryState.WAITING, DeliveryState.SENDING

_choosing = threading.Lock()


@dataclass(frozen=True)
class Batch:
    """Claimed rows of one channel and person, which go out as one message with the id `message`."""

    channel: Channel
    person: User
    message: str
    is_test: bool
    claim: str = field(default_factory=lambda: uuid4().hex)
    claimed_on: float = field(default_factory=torbox.boot_clock)

    @property
    def rows(self) -> QuerySet[Delivery]:
        """Return the rows for as long as the claim holds."""
        return Delivery.objects.filter(claim=self.claim, state=SENDING)

    @property
    def is_late(self) -> bool:
        """Return whether this process slept since the claim, so that another may have claimed the rows by now."""
        return torbox.boot_clock() - self.claimed_on > SENT_WITHIN


def channels_with_due() -> list[int]:
    """Return the channels with something to send now. Those with a test come first, those that fail come last."""
    now = timezone.now()
    rested = Q(channel__retry_at=None) | passed("channel__retry_at", MAX_WAIT, now)
    rows = _due(now).filter(rested | Q(is_test=True)).order_by().values("channel", "channel__failures")
    found = rows.annotate(tests=Count("pk", filter=Q(is_test=True)))
    order = sorted(found, key=lambda row: (not row["tests"], row["channel__failures"], row["channel"]))
    return [row["channel"] for row in order]


def has_stale() -> bool:
    """Return whether there are rows whose worker died while sending."""
    return _stale().exists()


def release_stale() -> int:
    """Let rows wait again whose worker died while sending. They keep the id of their message."""
    return _stale().update(state=WAITING, claim="", claimed_at=None)


def next_batch(channel_id: int) -> Batch | None:
    """Claim what a channel gets next. Return None if there is nothing that may go out now."""
    with _choosing:  # so that parallel channels of a person don't exceed the limit together
        return _next_batch(channel_id)


@in_transaction
def _next_batch(channel_id: int) -> Batch | None:
    now = timezone.now()
    channel = Channel.objects.select_for_update(no_key=True).filter(pk=channel_id).first()
    if channel is None:
        return None
    due = _due(now).filter(channel=channel)
    _drop_unwanted(channel, due, now)
    test = due.filter(is_test=True).select_related("person").first()
    if test is not None:
        return _claim(channel, [test], now)
    if channel.retry_at and not _rested(channel, now):
        return None
    for rows in _by_person(due.filter(is_test=False).select_related("person")[:MAX_ROWS]):
        if (until := held_until(channel, rows[0].person, rows, now)) is None:
            return _claim(channel, _together(rows), now)
        _rows(rows).update(due_at=until, held=True)
    return None


def _stale() -> QuerySet[Delivery]:
    dead = Q(claimed_at=None) | long_ago("claimed_at", CLAIMED_FOR, timezone.now())
    return Delivery.objects.filter(dead, state=SENDING)


def _due(now: datetime) -> QuerySet[Delivery]:
    """Return what may go out now. Only what is held has to wait for a time that is ahead."""
    held = Q(held=True) & passed("due_at", MAX_HELD, now)
    return Delivery.objects.filter(held | Q(held=False) & passed("due_at", timedelta(0), now), state=WAITING)


def _rested(channel: Channel, now: datetime) -> bool:
    return Channel.objects.filter(passed("retry_at", MAX_WAIT, now), pk=channel.pk).exists()


def _rows(rows: Iterable[Delivery]) -> QuerySet[Delivery]:
    return Delivery.objects.filter(pk__in=[row.pk for row in rows], state=WAITING)


def _drop_unwanted(channel: Channel, due: QuerySet[Delivery], now: datetime) -> None:
    """Drop what the person may not see anymore or has muted, what is solved, and what is about a deleted torrent."""
    told = _worth_telling(channel).filter(pk=OuterRef("notification"))
    unwanted = ~Exists(told) & Q(is_test=False) | Q(person__is_active=False)
    if not channel.household:
        unwanted |= ~Q(person=channel.person_id)
    due.filter(unwanted).update(state=DeliveryState.DROPPED, ended_at=now)


def _worth_telling(channel: Channel) -> QuerySet[Notification]:
    notes = Notification.objects.still_visible().filter(resolved_at=None)
    about_deleted = Q(torrent__removed_at__isnull=False) & ~Q(kind__in=[Kind.GONE, Kind.DELETED])
    muted = TorrentChoice.objects.filter(person=OuterRef("person"), torrent=OuterRef("torrent"), muted=True)
    notes = notes.exclude(about_deleted).filter(~Exists(muted))
    return notes.exclude(torrent__hidden=True) if channel.household else notes


def _by_person(rows: Iterable[Delivery]) -> list[list[Delivery]]:
    groups: dict[int, list[Delivery]] = {}
    for row in rows:
        groups.setdefault(row.person_id, []).append(row)
    return list(groups.values())


def _together(rows: Sequence[Delivery]) -> Sequence[Delivery]:
    """Return which of the due rows go out first, in one message."""
    if again := next((row.message for row in rows if row.message), ""):
        return [row for row in rows if row.message == again]
    return rows if len(rows) > SINGLY or any(row.held for row in rows) else rows[:1]


def _claim(channel: Channel, rows: Sequence[Delivery], now: datetime) -> Batch | None:
    first = rows[0]
    batch = Batch(channel, first.person, first.message or uuid4().hex, first.is_test)
    changes = {"claim": batch.claim, "claimed_at": now, "message": batch.message}
    claimed = _rows(rows).update(state=SENDING, attempts=F("attempts") + 1, **changes)
    return batch if claimed else None
