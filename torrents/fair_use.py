"""Forecast when an account reaches the level of use that TorBox publishes for its plan. Sizes are in bytes.

TorBox looks at the last 30 days, a window that moves on with each day (docs/torbox-api.md#user-and-plans).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

TB = 10**12
LEVELS = {0: 5 * TB, 1: 10 * TB, 2: 30 * TB, 3: 20 * TB}  # by plan
WINDOW = 30  # days, of which today is the last
RATE_DAYS = 7  # complete days that the rate is taken from
FEWEST_DAYS = 3


@dataclass(frozen=True)
class Forecast:
    """What comes of the present rate: bytes in 30 days, and the day in the next 30 that reaches the level, if any."""

    total: int
    reached_on: date | None


def used(days: Mapping[date, int], today: date) -> int:
    """Return the bytes of the last 30 days. `days`: bytes by day."""
    return _total(days, today, WINDOW)


def forecast(days: Mapping[date, int], today: date, level: int | None) -> Forecast | None:
    """Return what the rate of the last week leads to. None with under 3 complete days, or if nothing was downloaded.

    A day without a value counts as 0 if one before it has a value.
    """
    first = min((day for day in days if today - timedelta(days=WINDOW) < day <= today), default=today)
    complete = min(RATE_DAYS, (today - first).days)
    if complete < FEWEST_DAYS:
        return None
    rate = _total(days, today - timedelta(days=1), complete) // complete
    return Forecast(rate * WINDOW, _reached_on(days, today, rate, level)) if rate else None


def _reached_on(days: Mapping[date, int], today: date, rate: int, level: int | None) -> date | None:
    """Return the first day whose window holds at least `level`. Old days leave the window as new ones come in."""
    if level is None:
        return None
    expected = {**days, today: max(days.get(today, 0), rate)}
    for ahead in range(WINDOW + 1):
        day = today + timedelta(days=ahead)
        if ahead:
            expected[day] = rate
        if used(expected, day) >= level:
            return day
    return None


def _total(days: Mapping[date, int], last: date, count: int) -> int:
    return sum(days.get(last - timedelta(days=back), 0) for back in range(count))
