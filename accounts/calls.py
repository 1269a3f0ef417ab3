"""Every call to TorBox passes here: written down before it is made, counted, and held back when it would be too many.

TorBox allows 300 calls a minute per endpoint and key, and says in a 429 how long to leave an endpoint alone
(docs/torbox-api.md#limits). The rows are shared by all processes, so the limit holds however many there are.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.db import DatabaseError, transaction
from django.db.models import Q
from django.utils import timezone

import torbox

from .models import TorBoxAccount, UpstreamCall

logger = logging.getLogger(__name__)

PER_MINUTE = 300
MINUTE = timedelta(minutes=1)
PAUSE_SECONDS = 60  # after a 429 that names no time
CREATES = "createtorrent"
CREATES_PAUSE_SECONDS = 300  # theirs is an hourly window
PAUSED = "TorBox asked for a pause"
TOO_MANY = "Too many calls to TorBox at once"
Outcome = UpstreamCall.Outcome


class HeldBack(torbox.RateLimited):
    """Not sent: it would be one call too many, or TorBox asked for a pause that is not over. No answer of TorBox."""


@contextmanager
def counted(account_id: int, endpoint: str) -> Iterator[None]:
    """The gate around one call for a stored account.

    Raises `HeldBack` with `retry_after`, and `torbox.AuthError` when the key was refused or the account
    disconnected a moment ago by somebody else's call.
    """
    call = _write_down(account_id, endpoint)
    try:
        yield
    except torbox.TorBoxError as error:
        _finish(call, _outcome(error), error.detail, _pause(endpoint, error))
        raise
    _finish(call, Outcome.OK)


@transaction.atomic
def _write_down(account_id: int, endpoint: str) -> UpstreamCall:
    """The account's row is the lock: of two that would both be the last one, one waits and counts the other."""
    account = TorBoxAccount.objects.select_for_update().only("health", "health_detail").filter(pk=account_id)
    known = account.first()
    if known is None:
        raise torbox.AuthError("This TorBox account is not connected any more.")
    if known.rejected:
        raise torbox.AuthError(known.health_detail or "TorBox refused this key.")
    now = timezone.now()
    until, reason = _free_at(account_id, endpoint, now)
    if until > now:
        raise _held_back((until - now).total_seconds(), reason)
    return UpstreamCall.objects.create(account_id=account_id, endpoint=endpoint, at=now)


def _free_at(account_id: int, endpoint: str, now: datetime) -> tuple[datetime, str]:
    """When the next call may go, and why not before: TorBox's pause, or 300 within a minute."""
    calls = UpstreamCall.objects.filter(account_id=account_id, endpoint=endpoint)
    recent = list(
        calls.filter(Q(at__gt=now - MINUTE) | Q(retry_at__gt=now))
        .order_by("-at")
        .values_list("at", "retry_at")
    )
    pause = max((retry_at for _, retry_at in recent if retry_at), default=now)
    times = [at for at, _ in recent if at > now - MINUTE]
    full = times[PER_MINUTE - 1] + MINUTE if len(times) >= PER_MINUTE else now
    return max((pause, PAUSED), (full, TOO_MANY))


def _held_back(seconds: float, reason: str) -> HeldBack:
    error = HeldBack(f"{reason}; free again in {int(seconds) + 1} s.")
    error.retry_after = seconds
    return error


def _outcome(error: torbox.TorBoxError) -> str:
    if isinstance(error, torbox.AuthError):
        return Outcome.KEY
    if isinstance(error, torbox.RateLimited):
        return Outcome.LIMITED
    return Outcome.FAILED if isinstance(error, torbox.Unavailable) else Outcome.REFUSED


def _pause(endpoint: str, error: torbox.TorBoxError) -> datetime | None:
    if not isinstance(error, torbox.RateLimited):
        return None
    usual = CREATES_PAUSE_SECONDS if endpoint == CREATES else PAUSE_SECONDS
    seconds = usual if error.retry_after is None else error.retry_after
    return timezone.now() + timedelta(seconds=seconds)


def _finish(call: UpstreamCall, outcome: str, detail: str = "", retry_at: datetime | None = None) -> None:
    """Book-keeping only: what the call brought must not be lost because this could not be written."""
    try:
        with transaction.atomic():
            UpstreamCall.objects.filter(pk=call.pk).update(
                outcome=outcome, detail=detail[:200], retry_at=retry_at
            )
    except DatabaseError:
        logger.warning("The outcome of a call of %s was not written down.", call.endpoint)
