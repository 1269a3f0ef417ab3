"""Read the events of torrents by key, and tell the people whom they concern."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import IntegrityError
from django.db.models import Q
from django.utils import timezone

from accounts.leases import Lease
from accounts.transactions import in_transaction
from torrents.models import Activity, ActivityQuerySet

from ..events import NEEDS_ATTENTION
from ..models import Cursor, Notification
from . import gaps
from .event_drafts import drafts_for
from .gaps import Gap
from .hints import enqueue_on_commit
from .leases import leased
from .publishing import publish

logger = logging.getLogger(__name__)

NAME = "events"
BATCH = 200  # of a transaction, which locks SQLite for all others
MAX_BATCHES = 50  # of a run, which ends before its successor waits for long
GAPS_AT_ONCE = 50  # in one query
SOLVING = {
    Activity.Kind.KEPT,
    Activity.Kind.LINK_TAKEN,
    Activity.Kind.LINK_USED,
    Activity.Kind.DELETED,
    Activity.Kind.SENT,
}
SPARE = timedelta(seconds=5)
RECENT = timedelta(hours=1)


def read_events() -> int:
    """Tell people about the events since the cursor, and return how many notifications were made.

    Each batch is one transaction with its move of the cursor, so a worker that dies leaves nothing half done.
    """
    if not _has_news():
        return 0
    with leased(NAME) as lease:
        return _read(lease) if lease else 0


def _read(lease: Lease) -> int:
    made = 0
    for _ in range(MAX_BATCHES):
        try:
            more, published = _read_batch(lease)
        except IntegrityError:
            logger.info("A torrent or a person was deleted while its events were read. They are read again.")
            break
        made += published
        if not more:
            break
    return made


def _has_news() -> bool:
    """Return whether there may be events to read. Without any, a run writes nothing."""
    cursor = Cursor.objects.filter(name=NAME).first() or _start()
    return bool(cursor.gaps) or Activity.objects.filter(pk__gt=cursor.position).exists()


def _start() -> Cursor:
    """Create the cursor of a new database, and of one restored from a backup that had none.

    A restored one may have a year of events, which tell nothing. A new one has had events for some seconds at most.
    """
    before = Activity.objects.filter(at__lt=timezone.now() - RECENT).order_by("-pk")
    position = before.values_list("pk", flat=True).first() or 0
    return Cursor.objects.get_or_create(name=NAME, defaults={"position": position})[0]


@in_transaction
def _read_batch(lease: Lease) -> tuple[bool, int]:
    """Read the next events and those in gaps, and return whether there are more, and how many notifications were made."""
    if not lease.renew():  # This locks the row, so no other worker takes the lease until the end.
        return False, 0
    now, cursor = timezone.now(), Cursor.objects.get(name=NAME)
    open_gaps = gaps.load(cursor.gaps)
    late, new = _in_gaps(open_gaps), list(_events().filter(pk__gt=cursor.position)[:BATCH])
    ready = [event for event in (*late, *new) if not _may_be_undone(event, now)]
    if new:
        open_gaps.append(Gap(cursor.position + 1, new[-1].pk, now))
        cursor.position = new[-1].pk
    if len(late) < BATCH:  # all that is in gaps was read
        open_gaps = gaps.still_open(open_gaps, now)
    keys = sorted(event.pk for event in ready)
    made = publish(drafts_for(ready))
    if _may_have_solved((*late, *new)):
        enqueue_on_commit("look_at_states")
    cursor.gaps = gaps.dump([part for gap in open_gaps for part in gap.without(keys)])
    cursor.looked_at = now
    cursor.save(update_fields=["position", "gaps", "looked_at"])
    return len(new) == BATCH or (len(late) == BATCH and bool(ready)), made


def _events() -> ActivityQuerySet:
    return Activity.objects.order_by("pk").defer("folded")


def _in_gaps(open_gaps: Sequence[Gap]) -> list[Activity]:
    """Return events that appeared in gaps, the oldest first."""
    found: list[Activity] = []
    for start in range(0, len(open_gaps), GAPS_AT_ONCE):
        inside = Q()
        for gap in open_gaps[start : start + GAPS_AT_ONCE]:
            inside |= Q(pk__range=(gap.first, gap.last))
        found += _events().filter(inside)[: BATCH - len(found)]
        if len(found) == BATCH:
            break
    return found


def _may_have_solved(events: Iterable[Activity]) -> bool:
    """Return whether something may no longer need attention after these events."""
    accounts = {event.account_id for event in events if event.kind in SOLVING}
    unsolved = Notification.objects.filter(kind__in=NEEDS_ATTENTION, resolved_at=None)
    return bool(accounts) and unsolved.filter(account__in=accounts).exists()


def _may_be_undone(event: Activity, now: datetime) -> bool:
    """Return whether the event may still be deleted by *Undo*. It stays in a gap until then."""
    undo = min(timedelta(seconds=settings.UNDO_SECONDS) + SPARE, gaps.KEPT_FOR / 2)
    return event.kind == Activity.Kind.DELETED and now - undo < event.at <= now + undo
