"""How many creates TorBox still takes, counted from our own rows, and when each waiting one will go.

TorBox allows 60 uncached creates in a rolling hour and 10 in a minute; cached ones cost nothing
(docs/torbox-api.md#limits).
"""

from __future__ import annotations

import heapq
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.calls import CREATES
from accounts.models import TorBoxAccount

from ..models import AddRequest, CreateCall, RequestState, Torrent
from . import outbox, waiting

PER_HOUR = 60
PER_MINUTE = 10
HOURLY = f"TorBox allows {PER_HOUR} adds an hour"
MINUTELY = f"TorBox allows {PER_MINUTE} adds a minute"
SLACK = timedelta(seconds=20)
FORECAST_ROWS = 600  # ten hours ahead; who stands behind them is told only what for


def free_at(account: TorBoxAccount, now: datetime) -> datetime:
    """When the next uncached create may go; `now` when it may go at once."""
    return _next_free(_counted_calls(account, now), now)


def left_this_hour(account: TorBoxAccount) -> int:
    return max(0, PER_HOUR - len(_counted_calls(account, timezone.now())))


def in_turn(account: TorBoxAccount, requests: QuerySet[AddRequest]) -> AddRequest | None:
    """People sharing an account take turns: whoever had the fewest sent in the last hour is next."""
    sent = _sent_last_hour(account)
    people = requests.order_by().values_list("torrent__added_by_id", flat=True).distinct()
    person = min(people, key=lambda pk: (sent[pk], pk or 0), default=None)
    return requests.filter(torrent__added_by_id=person).order_by("pk").first()


def line_up(requests: Iterable[tuple[int, int | None]], sent: Counter[int | None]) -> Iterator[int]:
    """The order in which requests (key, person) will go when people take turns as `in_turn` has it."""
    lines: dict[int | None, deque[int]] = {}
    for pk, person in requests:
        lines.setdefault(person, deque()).append(pk)
    turns = [(sent[person], person or 0, person) for person in lines]
    heapq.heapify(turns)
    while turns:
        count, order, person = heapq.heappop(turns)
        yield lines[person].popleft()
        if lines[person]:
            heapq.heappush(turns, (count + 1, order, person))


def forecast(account: TorBoxAccount) -> None:
    """Tell every row that waits for the budget its place in line and when it will go. Writes only what moved."""
    sending = TorBoxAccount.objects.filter(pk=account.pk, health=account.Health.OK)
    if not sending.exists() or account.paused_until(CREATES):
        return  # nobody knows when
    now = timezone.now()
    requests = outbox.due(now, account).filter(state=RequestState.WAITING).exclude(known_cached=True)
    people = requests.order_by("pk").values_list("pk", "torrent__added_by_id")
    line = list(line_up(people, _sent_last_hour(account)))
    if not line:
        return
    with transaction.atomic():
        account.lock()
        _tell_times(account, line[:FORECAST_ROWS], now)
        _tell_the_rest(account, line[FORECAST_ROWS:])


def _tell_times(account: TorBoxAccount, line: list[int], now: datetime) -> None:
    requests = AddRequest.objects.filter(pk__in=line, state=RequestState.WAITING)
    by_key = requests.defer("torrent_file", "magnet").select_related("torrent").in_bulk()
    calls, changed = _counted_calls(account, now), []
    for place, pk in enumerate(line, start=1):
        at = _next_free(calls, now)
        reason = HOURLY if len(calls) >= PER_HOUR else MINUTELY
        calls.append(at)
        if pk in by_key and _tell(by_key[pk].torrent, reason, at, place):
            changed.append(by_key[pk].torrent)
    if changed:
        revision = account.next_revision()
        for torrent in changed:
            torrent.revision = revision
        told = ["waiting_for", "waiting_until", "waiting_place", "revision"]
        Torrent.objects.bulk_update(changed, told, batch_size=200)
        hourly = [torrent.pk for torrent in changed if torrent.waiting_for == HOURLY]
        waiting.tell(Torrent.objects.filter(pk__in=hourly), HOURLY)


def _tell(torrent: Torrent, reason: str, at: datetime, place: int) -> bool:
    before = torrent.waiting_until
    same = torrent.waiting_for == reason and torrent.waiting_place == place
    if same and before and abs(before - at) < SLACK:
        return False
    torrent.waiting_for, torrent.waiting_until, torrent.waiting_place = reason, at, place
    return True


def _tell_the_rest(account: TorBoxAccount, line: list[int]) -> None:
    for start in range(0, len(line), 500):
        rows = Torrent.objects.filter(request__in=line[start : start + 500])
        rows = rows.exclude(waiting_for=HOURLY, waiting_until=None, waiting_place=None)
        waiting.tell(rows, HOURLY)
        rows.update(
            waiting_for=HOURLY, waiting_until=None, waiting_place=None, revision=account.next_revision()
        )


def _sent_last_hour(account: TorBoxAccount) -> Counter[int | None]:
    recent = Torrent.objects.filter(account=account, sent_at__gt=timezone.now() - timedelta(hours=1))
    return Counter(recent.values_list("added_by_id", flat=True))


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
