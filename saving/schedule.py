"""When saving may run, and how fast. Pure functions of the settings and the time in TZ."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from django.utils import timezone

from .models import SavingSettings

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Allowance:
    """What is allowed now. `limit` is in bytes/s, 0 for none. `paused_until`: when the full speed begins again."""

    limit: int = 0
    paused_until: datetime | None = None
    until: datetime | None = None  # when this changes; None: never


def allowance(settings: SavingSettings, now: datetime) -> Allowance:
    """Return what the schedule allows at `now`. A job that someone resumed runs with `limit` also while it pauses."""
    begins, ends = settings.full_from, settings.full_until
    if begins is None or ends is None or begins == ends:
        return Allowance(settings.limit)
    starts = []
    for start, end in _hours(begins, ends, now):
        if start <= now < end:
            return Allowance(settings.limit, until=end)
        if start > now and start < end:
            starts.append(start)
    following = min(starts)
    if settings.other_pauses:
        return Allowance(settings.limit, paused_until=following, until=following)
    return Allowance(settings.other_limit, until=following)


def _hours(begins: time, ends: time, now: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Yield the full hours of the days around `now`."""
    zone = timezone.get_default_timezone()
    today = now.astimezone(zone).date()
    for days in range(-2, 4):
        day = today + timedelta(days=days)
        yield _moment(day, begins, zone), _moment(day if begins < ends else day + DAY, ends, zone)


def _moment(day: date, at: time, zone: tzinfo) -> datetime:
    """Return when a clock in `zone` shows this time first. A time that is skipped counts as the end of the gap."""
    local = datetime.combine(day, at, zone)
    moment = local.astimezone(UTC)
    if moment.astimezone(zone).replace(tzinfo=None) == local.replace(tzinfo=None):
        return moment
    before, after = local.replace(fold=1).astimezone(UTC), moment
    offset = after.astimezone(zone).utcoffset()
    while after - before > timedelta(seconds=1):
        middle = before + (after - before) / 2
        if middle.astimezone(zone).utcoffset() == offset:
            after = middle
        else:
            before = middle
    return after.replace(microsecond=0)
