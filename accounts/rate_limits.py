"""Record and count every call to TorBox, and hold back calls that would exceed its limits.

TorBox allows 300 calls a minute per endpoint and key, and a 429 says how long to wait before the next call to that
endpoint (docs/torbox-api.md#limits). All processes share the rows, so the limit holds for any number of them.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.db import Error, transaction
from django.utils import timezone

import torbox

from .deadlines import ahead, is_ahead, is_recent, recent
from .models import TorBoxAccount, UpstreamCall
from .models.torbox_accounts import MAX_PAUSE

logger = logging.getLogger(__name__)

PER_MINUTE = 300
MINUTE = timedelta(minutes=1)
PAUSE_SECONDS = 60  # after a 429 without a Retry-After
CREATES = "createtorrent"
CREATES_PAUSE_SECONDS = 300  # TorBox counts creates by the hour
Outcome = UpstreamCall.Outcome


class Throttled(torbox.RateLimited):
    """A call that was not sent, because of our own limit or because TorBox asked us to wait."""


@contextmanager
def counted(account_id: int, endpoint: str, *, limit: int = PER_MINUTE) -> Iterator[None]:
    """Count one call for a stored account and record its outcome.

    `limit`: hold this call back after so many calls to the endpoint within a minute, by anyone. Raises `Throttled`
    with `retry_after`, and `torbox.AuthError` if the key was rejected or the account disconnected in the meantime.
    """
    call = _write_down(account_id, endpoint, limit)
    try:
        yield
    except torbox.NotSent:
        call.delete()
        raise
    except torbox.TorBoxError as error:
        _finish(call, _outcome(error), error.detail, _pause(endpoint, error))
        raise
    _finish(call, Outcome.OK)


@transaction.atomic
def _write_down(account_id: int, endpoint: str, limit: int) -> UpstreamCall:
    """Record a call before it is made. The lock on the account's row makes concurrent calls count each other."""
    account = (
        TorBoxAccount.objects.select_for_update().only("health", "upstream_detail").filter(pk=account_id)
    )
    known = account.first()
    if known is None:
        raise torbox.AuthError  # the account was disconnected in the meantime
    if known.rejected:
        raise torbox.AuthError(known.upstream_detail)
    now = timezone.now()
    until = _free_at(account_id, endpoint, limit, now)
    if until > now:
        raise _throttled((until - now).total_seconds())
    return UpstreamCall.objects.create(account_id=account_id, endpoint=endpoint, at=now)


def _free_at(account_id: int, endpoint: str, limit: int, now: datetime) -> datetime:
    """Return when the next call may be sent: after a pause of TorBox's, and within `limit` calls a minute."""
    calls = UpstreamCall.objects.filter(account_id=account_id, endpoint=endpoint)
    found = list(
        calls.filter(recent("at", MINUTE, now) | ahead("retry_at", MAX_PAUSE, now))
        .order_by("-at")
        .values_list("at", "retry_at")
    )
    pauses = [retry_at for _, retry_at in found if retry_at and is_ahead(retry_at, MAX_PAUSE, now)]
    pause = max(pauses, default=now)
    times = [at for at, _ in found if is_recent(at, MINUTE, now)]
    full = times[limit - 1] + MINUTE if len(times) >= limit else now
    return max(pause, full)


def _throttled(seconds: float) -> Throttled:
    error = Throttled()  # without a sentence: pages would quote it as TorBox's
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
    return timezone.now() + min(timedelta(seconds=seconds), MAX_PAUSE)


def _finish(call: UpstreamCall, outcome: str, detail: str = "", retry_at: datetime | None = None) -> None:
    """Store the outcome of a call. If the database refuses, log that instead of losing the call's result."""
    try:
        with transaction.atomic():
            UpstreamCall.objects.filter(pk=call.pk).update(
                outcome=outcome, detail=detail[:200], retry_at=retry_at
            )
    except Error:
        logger.warning("The outcome of a call to %s wasn't recorded.", call.endpoint)
