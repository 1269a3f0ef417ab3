"""Record why an add waits, and until when."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db.models import OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

import torbox
from accounts.models import TorBoxAccount
from accounts.rate_limits import CREATES
from accounts.transactions import in_transaction, lock_accounts
from torrents.models import Activity, AddRequest, RequestState, Torrent
from torrents.reasons import Explanation, Reason

from . import due

SLOT_SECONDS = 300
MONTH_SECONDS = 6 * 3600
COOLDOWN_SECONDS = 3600
LIMITS = {  # by TorBox's code: the reason, and how long it lasts if TorBox sends no time
    "COOLDOWN_LIMIT": (Reason.COOLDOWN, COOLDOWN_SECONDS),
    "MONTHLY_LIMIT": (Reason.MONTH_USED_UP, MONTH_SECONDS),
    "QUEUE_FULL": (Reason.QUEUE_FULL, SLOT_SECONDS),
}
COUNTED = (Reason.NO_SLOT, Reason.MONTH_USED_UP)  # reasons whose rows show the usage


@in_transaction
def for_another_try(account: TorBoxAccount, request: AddRequest, until: datetime, why: Explanation) -> None:
    """Put a request back, and store on its row why and until when."""
    if account.lock() and request.put_back(until):
        record_waits(Torrent.objects.filter(request=request), why.reason)
        due.write(account, request.torrent, **why.columns(), waiting_until=until, waiting_place=None)


@in_transaction
def for_limit(account: TorBoxAccount, request: AddRequest, error: torbox.LimitReached) -> None:
    """Put a request back until a limit of the plan is over, and store the reason on all requests that wait for it."""
    why, until = _limit(error)
    if not account.lock() or not request.put_back(until):
        return
    same = AddRequest.objects.filter(torrent__account=account, state=RequestState.WAITING)
    if request.known_cached is not True:  # a cached one needs no slot, so it may still be sent
        same = same.filter(Q(pk=request.pk) | ~Q(known_cached=True))
    rows = Torrent.objects.filter(request__in=same)
    record_waits(rows, why.reason)
    write_wait(account, rows, why, until)
    same.update(due_at=until, waits_for=why.reason, slots_used=account.slots_used)


def write_wait(
    account: TorBoxAccount, rows: QuerySet[Torrent], why: Explanation, until: datetime | None
) -> None:
    """Store why rows wait, and until when, under a new revision."""
    account.write(rows, **why.columns(), waiting_until=until, waiting_place=None)


def _limit(error: torbox.LimitReached) -> tuple[Explanation, datetime]:
    """Return which limit of the plan was reached, and when to try again."""
    now = timezone.now()
    reason, seconds = LIMITS.get(error.code or "", (Reason.NO_SLOT, SLOT_SECONDS))
    counted = reason in COUNTED and error.limit and error.current
    params = {"used": error.current, "limit": error.limit} if counted else {}
    until = error.until or now + timedelta(seconds=seconds)
    longest = due.MAX_WAITS.get(reason, due.MAX_WAIT)
    until = min(max(until, now + timedelta(seconds=15)), now + longest)
    return Explanation(reason, params, error.detail), until


@in_transaction
def explain(account_id: int) -> None:
    """Store on due rows why the round ended early. Rows with another reason to wait keep it."""
    account = lock_accounts([account_id]).get(account_id)
    paused = account.paused_until(CREATES) if account else None
    if account is None or not (reason := _reason(account, paused)):
        return
    requests = AddRequest.objects.filter(torrent__account=account, state=RequestState.WAITING)
    if reason != Reason.KEY_REJECTED:
        requests = due.due_requests(timezone.now(), account).filter(state=RequestState.WAITING)
    changed = Torrent.objects.filter(request__in=requests).exclude(reason=reason, waiting_until=paused)
    if changed.exists():
        record_waits(changed, reason)
        write_wait(account, changed, Explanation(reason), paused)


def record_waits(rows: QuerySet[Torrent], reason: str, params: Mapping[str, Any] | None = None) -> None:
    """Record an event if the reason has changed since the last one, even if a torrent is tried many times.

    The number of slots in use changes often, so it is not part of the reason or the event.
    """
    waits = Activity.objects.filter(
        torrent=OuterRef("pk"), kind=Activity.Kind.WAITED, at__gte=OuterRef("added_at")
    )
    last_recorded = Coalesce(Subquery(waits.values("code")[:1]), Value(""))
    unrecorded = rows.annotate(last_recorded=last_recorded).exclude(last_recorded=reason).defer("magnet")
    Activity.record_many(
        Activity.about(row, Activity.Kind.WAITED, code=reason, params=params) for row in unrecorded
    )


def _reason(account: TorBoxAccount, paused: datetime | None) -> str:
    if account.needs_key:
        return Reason.KEY_REJECTED
    if paused:
        return Reason.THROTTLED
    return Reason.TORBOX_DOWN if account.health == account.Health.UNREACHABLE else ""
