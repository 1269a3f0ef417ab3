"""How many adds TorBox still accepts, counted from our own rows, and when each waiting torrent will be sent.

TorBox allows 60 uncached creates in a rolling hour and 10 in a minute. Cached ones don't count
(docs/torbox-api.md#limits).
"""

from __future__ import annotations

import heapq
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from django.db.models import QuerySet
from django.utils import timezone

from accounts.deadlines import recent
from accounts.models import TorBoxAccount
from accounts.rate_limits import CREATES
from accounts.transactions import in_transaction
from torrents.models import AddRequest, CreateCall, RequestState, Torrent
from torrents.models.writing import write_rows
from torrents.reasons import Explanation, Reason

from . import due, waiting

HOUR = timedelta(hours=1)
PER_HOUR = 60
PER_MINUTE = 10
HOURLY = Explanation(Reason.HOURLY_LIMIT, {"limit": PER_HOUR})
MINUTELY = Explanation(Reason.MINUTE_LIMIT, {"limit": PER_MINUTE})
SLACK = timedelta(seconds=20)
FORECAST_ROWS = 600  # ten hours ahead; later rows show only why they wait


def free_at(account: TorBoxAccount, now: datetime) -> datetime:
    """Return when the next uncached create may be sent, `now` if at once."""
    return _next_free(_counted_calls(account, now), now)


def left_this_hour(account: TorBoxAccount) -> int:
    """Return how many uncached creates are left this hour."""
    return max(0, PER_HOUR - len(_counted_calls(account, timezone.now())))


def in_turn(account: TorBoxAccount, requests: QuerySet[AddRequest]) -> AddRequest | None:
    """Return the next request. People who share an account take turns: the fewest sent in the last hour is next."""
    sent = _sent_last_hour(account)
    people = requests.order_by().values_list("torrent__added_by_id", flat=True).distinct()
    person = min(people, key=lambda pk: (sent[pk], pk or 0), default=None)
    return requests.filter(torrent__added_by_id=person).order_by("pk").first()


def line_up(requests: Iterable[tuple[int, int | None]], sent: Counter[int | None]) -> Iterator[int]:
    """Yield the keys of requests (key, person) in the order in which `in_turn` will choose them."""
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
    """Store the place in line and the time of sending on rows that wait for the budget, if they changed."""
    sending = TorBoxAccount.objects.filter(pk=account.pk, health=account.Health.OK)
    if not sending.exists() or account.paused_until(CREATES):
        return  # it isn't known when
    now = timezone.now()
    requests = due.due_requests(now, account).filter(state=RequestState.WAITING).exclude(known_cached=True)
    people = requests.order_by("pk").values_list("pk", "torrent__added_by_id")
    if line := list(line_up(people, _sent_last_hour(account))):
        _write_forecast(account, line, now)


@in_transaction
def _write_forecast(account: TorBoxAccount, line: list[int], now: datetime) -> None:
    account.lock()
    _forecast_times(account, line[:FORECAST_ROWS], now)
    _forecast_the_rest(account, line[FORECAST_ROWS:])


def _forecast_times(account: TorBoxAccount, line: list[int], now: datetime) -> None:
    requests = AddRequest.objects.filter(pk__in=line, state=RequestState.WAITING)
    by_key = requests.defer("torrent_file", "magnet").select_related("torrent").in_bulk()
    calls, changed = _counted_calls(account, now), []
    for place, pk in enumerate(line, start=1):
        at = _next_free(calls, now)
        why = HOURLY if len(calls) >= PER_HOUR else MINUTELY
        calls.append(at)
        if pk in by_key and _set_forecast(by_key[pk].torrent, why, at, place):
            changed.append(by_key[pk].torrent)
    if changed:
        write_rows(account, changed)
        hourly = [torrent.pk for torrent in changed if torrent.reason == HOURLY.reason]
        waiting.record_waits(Torrent.objects.filter(pk__in=hourly), HOURLY.reason, HOURLY.params)


def _set_forecast(torrent: Torrent, why: Explanation, at: datetime, place: int) -> bool:
    before = torrent.waiting_until
    same = torrent.reason == why.reason and torrent.waiting_place == place
    if same and before and abs(before - at) < SLACK:
        return False
    torrent.explain(why)
    torrent.waiting_until, torrent.waiting_place = at, place
    return True


def _forecast_the_rest(account: TorBoxAccount, line: list[int]) -> None:
    for start in range(0, len(line), 500):
        rows = Torrent.objects.filter(request__in=line[start : start + 500])
        rows = rows.exclude(reason=HOURLY.reason, waiting_until=None, waiting_place=None)
        waiting.record_waits(rows, HOURLY.reason, HOURLY.params)
        waiting.write_wait(account, rows, HOURLY, None)


def _sent_last_hour(account: TorBoxAccount) -> Counter[int | None]:
    sent = Torrent.objects.filter(recent("sent_at", HOUR, timezone.now()), account=account)
    return Counter(sent.values_list("added_by_id", flat=True))


def _counted_calls(account: TorBoxAccount, now: datetime) -> list[datetime]:
    """Return the times of the counted creates of the last hour, oldest first."""
    calls = CreateCall.objects.filter(recent("at", HOUR, now), account=account, counted=True)
    return list(calls.order_by("at").values_list("at", flat=True))


def _next_free(calls: list[datetime], now: datetime) -> datetime:
    """Return the first time at which one more call stays within both limits."""
    at = max(now, calls[-1]) if calls else now
    if len(calls) >= PER_HOUR:
        at = max(at, calls[-PER_HOUR] + timedelta(hours=1))
    if len(calls) >= PER_MINUTE:
        at = max(at, calls[-PER_MINUTE] + timedelta(minutes=1))
    return at
