"""Why a wish waits and until when, in words; and waking it when what it waits for has come."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

import torbox
from accounts.calls import CREATES
from accounts.models import TorBoxAccount

from .. import tasks
from ..models import Activity, AddRequest, RequestState, Torrent, WaitsFor
from . import outbox

SLOT_SECONDS = 300
MONTH_SECONDS = 6 * 3600
COOLDOWN_SECONDS = 3600
KEY = "Waits for a new API key"
SLOW_DOWN = "TorBox asked us to slow down"
NO_ANSWER = "TorBox does not answer; sent as soon as it does"
CODES = {
    "COOLDOWN_LIMIT": WaitsFor.COOLDOWN,
    "MONTHLY_LIMIT": WaitsFor.MONTH,
    "QUEUE_FULL": WaitsFor.QUEUE,
}


def for_limit(account: TorBoxAccount, request: AddRequest, error: torbox.LimitReached) -> None:
    """A slot, the queue, the month or a cooldown: all that cost one wait, and say for what and until when."""
    waits_for = CODES.get(error.code or "", WaitsFor.SLOT)
    reason, until = _limit_in_words(waits_for, error)
    wait = {"due_at": until, "waits_for": waits_for, "slots_used": account.slots_used}
    with transaction.atomic():
        request.put_back(until)
        same = AddRequest.objects.filter(torrent__account=account, state=RequestState.WAITING)
        if request.known_cached is not True:  # a cached one costs no slot: it may still go
            same = same.filter(Q(pk=request.pk) | ~Q(known_cached=True))
        tell(Torrent.objects.filter(request__in=same), reason)
        Torrent.objects.filter(request__in=same).update(
            waiting_for=reason, waiting_until=until, waiting_place=None, revision=account.next_revision()
        )
        same.update(**wait)


def _limit_in_words(waits_for: WaitsFor, error: torbox.LimitReached) -> tuple[str, datetime]:
    now = timezone.now()
    used = f" ({error.current} of {error.limit} in use)" if error.limit and error.current else ""
    reason, seconds = {
        WaitsFor.COOLDOWN: ("TorBox has this account in a cooldown", COOLDOWN_SECONDS),
        WaitsFor.MONTH: (f"This month’s TorBox downloads are used up{used}", MONTH_SECONDS),
        WaitsFor.QUEUE: ("TorBox’s queue is full", SLOT_SECONDS),
    }.get(waits_for, (f"No free slot at TorBox{used}", SLOT_SECONDS))
    until = error.until or now + timedelta(seconds=seconds)
    return reason, max(until, now + timedelta(seconds=15))


def wake_for_slot(account: TorBoxAccount) -> None:
    """After a list was read: fewer are active than when TorBox had no slot, so one is free now."""
    requests = AddRequest.objects.filter(torrent__account=account, state=RequestState.WAITING)
    waiting = requests.filter(waits_for__in=[WaitsFor.SLOT, WaitsFor.QUEUE])
    if not waiting.exists():
        return
    if waiting.filter(slots_used__gt=account.slots_used).update(
        due_at=timezone.now(), waits_for=WaitsFor.NOTHING
    ):
        tasks.hint(tasks.send_adds, account.pk)


def explain(account_id: int) -> None:
    """The round ended early: what is due says what it waits for. Limits that are told keep their own words."""
    account = TorBoxAccount.objects.filter(pk=account_id).first()
    paused = account.paused_until(CREATES) if account else None
    if account is None or not (reason := _reason(account, paused)):
        return
    requests = AddRequest.objects.filter(torrent__account=account, state=RequestState.WAITING)
    if reason != KEY:
        requests = outbox.due(timezone.now(), account).filter(state=RequestState.WAITING)
    changed = Torrent.objects.filter(request__in=requests).exclude(waiting_for=reason, waiting_until=paused)
    with transaction.atomic():
        if changed.exists():
            tell(changed, reason)
            changed.update(
                waiting_for=reason,
                waiting_until=paused,
                waiting_place=None,
                revision=account.next_revision(),
            )


def tell(rows: QuerySet[Torrent], reason: str) -> None:
    """Into the story of each: once for each change of the reason since it was added, however often it is tried.

    How many slots are in use changes all the time and is no other reason.
    """
    reason = reason.partition(" (")[0]
    waits = Activity.objects.filter(
        torrent=OuterRef("pk"), kind=Activity.Kind.WAITED, at__gte=OuterRef("added_at")
    )
    last_told = Coalesce(Subquery(waits.values("detail")[:1]), Value(""))
    untold = rows.annotate(last_told=last_told).exclude(last_told=reason)
    entries = [Activity.about(row, Activity.Kind.WAITED, detail=reason) for row in untold.defer("magnet")]
    Activity.objects.bulk_create(entries, batch_size=500)


def _reason(account: TorBoxAccount, paused: datetime | None) -> str:
    if account.needs_key:
        return KEY
    if paused:
        return SLOW_DOWN
    return NO_ANSWER if account.health == account.Health.UNREACHABLE else ""
