"""How many creates TorBox still takes, counted from our own rows, and when each waiting one will go.

TorBox allows 60 uncached creates in a rolling hour and 10 in a minute; cached ones cost nothing
(docs/torbox-api.md#limits).
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import TorBoxAccount

from ..models import AddRequest, CreateCall, RequestState, Torrent

PER_HOUR = 60
PER_MINUTE = 10
BLOCK_SECONDS = 300
HOURLY = f"TorBox allows {PER_HOUR} adds an hour"
MINUTELY = f"TorBox allows {PER_MINUTE} adds a minute"
SLACK = timedelta(seconds=20)
FORECAST_ROWS = 5000


def free_at(account: TorBoxAccount, now: datetime) -> datetime:
    """When the next uncached create may go; `now` when it may go at once."""
    return _next_free(_counted_calls(account, now), now)


def left_this_hour(account: TorBoxAccount) -> int:
    return max(0, PER_HOUR - len(_counted_calls(account, timezone.now())))


def in_turn(account: TorBoxAccount, waiting: QuerySet[AddRequest]) -> AddRequest | None:
    """People sharing an account take turns: whoever had the fewest sent in the last hour is next."""
    hour_ago = timezone.now() - timedelta(hours=1)
    recent = Torrent.objects.filter(account=account, sent_at__gt=hour_ago).values_list(
        "added_by_id", flat=True
    )
    sent = Counter(recent)
    people = waiting.order_by().values_list("torrent__added_by_id", flat=True).distinct()
    person = min(people, key=lambda pk: (sent[pk], pk or 0), default=None)
    return waiting.filter(torrent__added_by_id=person).order_by("due_at", "pk").first()


def forecast(account: TorBoxAccount) -> None:
    """Tell every row that waits for the budget when it will be sent. Writes only what moved."""
    now = timezone.now()
    lines = AddRequest.objects.filter(
        torrent__account=account, torrent__removed_at=None, state=RequestState.WAITING, due_at__lte=now
    )
    waiting = list(lines.exclude(known_cached=True).order_by("pk").select_related("torrent")[:FORECAST_ROWS])
    account.refresh_from_db(fields=["health", "creates_blocked_until"])
    if not waiting or account.health != account.Health.OK or account.creates_blocked(now):
        return
    calls, changed = _counted_calls(account, now), []
    for request in waiting:
        at = _next_free(calls, now)
        reason = HOURLY if len(calls) >= PER_HOUR else MINUTELY
        calls.append(at)
        if _tell(request.torrent, reason, at):
            changed.append(request.torrent)
    if changed:
        _save(account, changed)


def _tell(torrent: Torrent, reason: str, at: datetime) -> bool:
    before = torrent.waiting_until
    if torrent.waiting_for == reason and before and abs(before - at) < SLACK:
        return False
    torrent.waiting_for, torrent.waiting_until = reason, at
    return True


def _save(account: TorBoxAccount, torrents: list[Torrent]) -> None:
    with transaction.atomic():
        revision = account.next_revision()
        for torrent in torrents:
            torrent.revision = revision
        Torrent.objects.bulk_update(torrents, ["waiting_for", "waiting_until", "revision"], batch_size=500)


def _counted_calls(account: TorBoxAccount, now: datetime) -> list[datetime]:
    """When the counted creates of the last hour were made, oldest first."""
    calls = CreateCall.objects.filter(account=account, counted=True, at__gt=now - timedelta(hours=1))
    return list(calls.order_by("at").values_list("at", flat=True))


def _next_free(calls: list[datetime], now: datetime) -> datetime:
    """The first moment at which one more call stays within both windows."""
    at = max(now, calls[-1]) if calls else now
    if len(calls) >= PER_HOUR:
        at = max(at, calls[-PER_HOUR] + timedelta(hours=1))
    if len(calls) >= PER_MINUTE:
        at = max(at, calls[-PER_MINUTE] + timedelta(minutes=1))
    return at
