"""Read what TorBox reports about the use of an account: data by day, and AirLock.

A report is read at most once an hour, when someone opens the Usage page, and once a day for accounts whose page was
opened before (docs/operating.md#usage). A failure keeps the last report.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

import torbox
from accounts.bookkeeping import write_if_possible
from accounts.clients import client_for
from accounts.deadlines import is_recent, long_ago, recent
from accounts.models import TorBoxAccount, TorBoxAccountQuerySet
from accounts.rate_limits import Throttled
from torrents import queueing
from torrents.fair_use import WINDOW
from torrents.models import Usage, UsageDay

logger = logging.getLogger(__name__)

EVERY = timedelta(hours=1)  # between two readings, failed ones included
UNOPENED_EVERY = timedelta(days=1)
SEEN_WITHIN = timedelta(days=7)
ANSWER_WITHIN = timedelta(minutes=1)
BATCH_SIZE = 100
MAX_BYTES = 10**15  # of a day, or of AirLock. More can't be true.


def today() -> date:
    """Return the day in UTC, as TorBox counts."""
    return timezone.now().astimezone(UTC).date()


def look(account: TorBoxAccount) -> bool:
    """Queue a reading if one is due, because someone opened the page. Return whether a new report may come soon."""
    now = timezone.now()
    if not TorBoxAccount.objects.askable(now).filter(pk=account.pk).exists():
        return False
    if _due(now, EVERY).filter(pk=account.pk).exists():
        # The row remembers that the page was opened, so that the account is also read once a day.
        write_if_possible(partial(Usage.objects.get_or_create, account=account))
        queueing.enqueue("read_usage", account.pk)
        return True
    usage = Usage.objects.filter(account=account).first()
    return usage is not None and is_recent(usage.asked_at, ANSWER_WITHIN, now) and not is_answered(usage)


def is_answered(usage: Usage) -> bool:
    """Return whether the last reading brought a report."""
    return usage.read_at is not None and usage.asked_at is not None and usage.read_at >= usage.asked_at


def due_account_ids() -> list[int]:
    """Return the accounts to read once a day: those whose page was opened before, and whose list was seen lately."""
    now = timezone.now()
    opened = _due(now, UNOPENED_EVERY).filter(recent("seen_at", SEEN_WITHIN, now), usage__isnull=False)
    return list(opened.order_by("usage__asked_at", "pk").values_list("pk", flat=True)[:BATCH_SIZE])


def read_if_due(account_id: int) -> None:
    """Read the report of an account unless that was tried within the last hour."""
    now = timezone.now()
    account = _due(now, EVERY).filter(pk=account_id).select_related("usage").first()
    if account is None or not hasattr(account, "usage"):
        return
    rested = Usage.objects.filter(_rested("asked_at", EVERY, now), account=account)
    if not rested.update(asked_at=now):
        return  # Another worker was faster.
    try:
        with client_for(account) as client:
            stats = client.usage_stats()
    except Throttled:
        Usage.objects.filter(account=account, asked_at=now).update(asked_at=account.usage.asked_at)
    except torbox.TorBoxError as error:
        logger.info("The usage of account %s wasn't read: %s", account.pk, error)
    else:
        store(account, stats, now)


def store(account: TorBoxAccount, stats: torbox.UsageStats, asked_at: datetime) -> None:
    """Store a report, unless a later reading has begun. What it leaves out stays as it is."""
    today = asked_at.astimezone(UTC).date()
    days = _by_day(stats.days, today)
    said = {name: getattr(stats, name) for name in ("airlock_used", "airlock_limit")}
    changes: dict[str, Any] = {name: value for name, value in said.items() if _is_possible(value)}
    if not (days or changes):
        logger.info("The usage of account %s wasn't in TorBox's answer.", account.pk)
        return
    with transaction.atomic():
        if not Usage.objects.filter(account=account, asked_at=asked_at).update(read_at=asked_at, **changes):
            return
        UsageDay.objects.bulk_create(
            [
                UsageDay(account=account, day=day, downloaded=down, uploaded=up)
                for day, (down, up) in days.items()
            ],
            update_conflicts=True,
            unique_fields=["account", "day"],
            update_fields=["downloaded", "uploaded"],
        )
        UsageDay.objects.filter(account=account, day__lte=today - timedelta(days=WINDOW)).delete()


def _due(now: datetime, interval: timedelta) -> TorBoxAccountQuerySet:
    return TorBoxAccount.objects.askable(now).filter(_rested("usage__asked_at", interval, now))


def _rested(field: str, interval: timedelta, now: datetime) -> Q:
    return Q(**{f"{field}__isnull": True}) | long_ago(field, interval, now)


def _by_day(rows: Iterable[torbox.UsageDay], today: date) -> dict[date, tuple[int, int]]:
    """Return bytes down and up by day, for the days of the window. Of two rows for a day, the larger counts."""
    found: dict[date, tuple[int, int]] = {}
    for row in _dated(list(rows), today):
        values = (row.bytes_downloaded, row.bytes_uploaded or 0)
        in_window = row.day is not None and today - timedelta(days=WINDOW) < row.day <= today
        if row.day is not None and in_window and all(map(_is_possible, values)):
            found[row.day] = max(values, found.get(row.day, (0, 0)))
    return found


def _dated(rows: list[torbox.UsageDay], today: date) -> list[torbox.UsageDay]:
    """Return the rows with their days. If none has one, the last is today, and the others are the days before."""
    if len(rows) > WINDOW or any(row.day for row in rows):
        return rows
    return [row._replace(day=today - timedelta(days=back)) for back, row in enumerate(reversed(rows))]


def _is_possible(value: int | None) -> bool:
    return value is not None and 0 <= value <= MAX_BYTES
