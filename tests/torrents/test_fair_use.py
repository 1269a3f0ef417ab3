"""The forecast against TorBox's published level. All is in terabytes, and today is December 10."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from torrents.fair_use import LEVELS, TB, WINDOW, forecast, used

TODAY = date(2026, 12, 10)


def history(*values: float) -> dict[date, int]:
    """Return bytes by day from terabytes, of which the last is today's."""
    return {TODAY - timedelta(days=back): int(value * TB) for back, value in enumerate(reversed(values))}


@pytest.mark.parametrize(
    ("values", "level", "total", "reached_on"),
    [
        # 1 a day for 4 days reaches 10 in 6 more.
        ((1, 1, 1, 1), 10, 30, date(2026, 12, 16)),
        # Today counts as an ordinary day until it exceeds one.
        ((1, 1, 1, 0), 4, 30, TODAY),
        ((1, 1, 1, 3), 10, 30, date(2026, 12, 14)),
        # A steady rate never exceeds what 30 days of it add up to.
        ((0.5,) * 30, 16, 15, None),
        ((0.5,) * 30, 15, 15, TODAY),
        # 9 a while ago leave the window before the slow rate fills it up again.
        ((0, 9, *(0,) * 20, *(0.1,) * 8), 12, 3, None),
        # 9 a few days ago stay in it for long enough.
        ((*(0,) * 19, 9, 0, 0, *(0.1,) * 8), 11, 3, date(2026, 12, 22)),
        ((*(0,) * 19, 9, 0, 0, *(0.1,) * 8), 12, 3, None),
        # Only the last 7 complete days make the rate.
        ((*(2,) * 15, *(0.1,) * 8), 60, 3, None),
        # A gap counts as a day without downloads.
        ((2, 0, 0, 0), 9, 20, date(2026, 12, 20)),
        # The level is the last day's total, 30 days from now.
        ((*(0,) * 26, 1, 1, 1, 0), 30, 12.9, None),
        ((1, 1, 1, 1), 30, 30, date(2027, 1, 5)),
        # A plan that TorBox publishes no level for.
        ((1, 1, 1, 1), None, 30, None),
    ],
)
def test_the_forecast_follows_the_moving_window(values, level, total, reached_on):
    found = forecast(history(*values), TODAY, level and int(level * TB))
    assert found.total == pytest.approx(total * TB, rel=0.02)
    assert found.reached_on == reached_on


@pytest.mark.parametrize(
    "values",
    [(), (1,), (1, 1, 1), (*(0,) * 29, 5), (*(5,) * 20, *(0,) * 8)],
    ids=["nothing", "today only", "two complete days", "today after a quiet month", "nothing for a week"],
)
def test_there_is_no_forecast_without_three_days_or_without_downloads(values):
    assert forecast(history(*values), TODAY, 10 * TB) is None


def test_days_before_the_window_and_in_the_future_do_not_count():
    days = {TODAY - timedelta(days=WINDOW): 7, TODAY - timedelta(days=WINDOW - 1): 5, TODAY: 3}
    assert used(days | {TODAY + timedelta(days=1): 100}, TODAY) == 8
    assert forecast({TODAY - timedelta(days=WINDOW): TB}, TODAY, TB) is None


def test_every_plan_has_its_published_level():
    assert {plan: level // TB for plan, level in LEVELS.items()} == {0: 5, 1: 10, 3: 20, 2: 30}
