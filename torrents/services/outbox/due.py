"""Shared parts of sending: which requests are due, and how to write a waiting row."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.deadlines import long_ago, passed
from accounts.models import TorBoxAccount
from torrents.models import AddRequest, ControlRequest, RequestState, Torrent
from torrents.reasons import NO_REASON, Reason

# The longest wait before a request is tried again. A cooldown has an end of its own, up to a day.
MAX_WAITS = {Reason.COOLDOWN: timedelta(days=1), Reason.MONTH_USED_UP: timedelta(hours=6)}
MAX_WAIT = timedelta(hours=1)  # for anything else
NO_WAIT: dict[str, object] = {**NO_REASON.columns(), "waiting_until": None, "waiting_place": None}


class Stop(Exception):
    """Raised when nothing more can be sent for an account now."""


def due_requests(now: datetime, account: TorBoxAccount | None = None) -> QuerySet[AddRequest]:
    """Return the requests that are due. They wait for a deletion in progress, unless they may have arrived."""
    deleting = ControlRequest.objects.filter(torrent=OuterRef("torrent"), state=RequestState.SENDING)
    wanted = Q(torrent__removed_at=None) & ~Exists(deleting.filter(operation="delete"))
    due_now = _wait_is_over(now)
    waiting = Q(state=RequestState.WAITING) & due_now & wanted
    unsure = Q(state=RequestState.UNSURE) & due_now
    requests = AddRequest.objects.filter(waiting | unsure | orphaned(now))
    return requests.filter(torrent__account=account) if account else requests


def _wait_is_over(now: datetime) -> Q:
    """Return a condition for waits that are over. A time further ahead than the longest wait is from a wrong clock."""
    over = passed("due_at", MAX_WAIT, now) & ~Q(waits_for__in=MAX_WAITS)
    for waits_for, longest in MAX_WAITS.items():
        over |= passed("due_at", longest, now) & Q(waits_for=waits_for)
    return over


def orphaned(now: datetime) -> Q:
    """Return a condition for requests claimed by a worker that must have died, as no call takes this long."""
    dead = long_ago("claimed_at", timedelta(seconds=settings.LEASE_SECONDS), now)
    return Q(state=RequestState.SENDING) & dead


def write(account: TorBoxAccount, torrent: Torrent, **fields: object) -> bool:
    """Change the row under a new revision. Return False if it is gone. Call it with the account locked."""
    for name, value in fields.items():
        setattr(torrent, name, value)
    return account.write(Torrent.objects.filter(pk=torrent.pk), **fields) == 1
