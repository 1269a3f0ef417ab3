"""When saving may run, and how fast: hours over midnight, equal ones, and the days when clocks change."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from saving.models import SavingSettings
from saving.schedule import allowance

BERLIN = ZoneInfo("Europe/Berlin")  # clocks change on 2026-03-29 from 2 to 3, and on 2026-10-25 from 3 to 2
FAST, SLOW = 50_000_000, 5_000_000


@pytest.fixture(autouse=True)
def in_zone(settings):
    def switch(name: str) -> None:
        settings.TIME_ZONE = name
        timezone.get_default_timezone.cache_clear()

    switch("Europe/Berlin")
    yield switch
    timezone.get_default_timezone.cache_clear()


def hours(begins: str, ends: str, **fields) -> SavingSettings:
    fields = {"limit": FAST, "other_limit": SLOW, "other_pauses": True} | fields
    return SavingSettings(full_from=time.fromisoformat(begins), full_until=time.fromisoformat(ends), **fields)


def at(text: str, zone: ZoneInfo = BERLIN, fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone, fold=fold).astimezone(UTC)


@pytest.mark.parametrize(
    ("begins", "ends", "now", "full", "until"),
    [
        ("22:00", "07:00", "2026-11-30 21:59:59", False, "2026-11-30 22:00"),
        ("22:00", "07:00", "2026-11-30 22:00", True, "2026-12-01 07:00"),
        ("22:00", "07:00", "2026-12-01 00:00", True, "2026-12-01 07:00"),
        ("22:00", "07:00", "2026-12-01 06:59:59", True, "2026-12-01 07:00"),
        ("22:00", "07:00", "2026-12-01 07:00", False, "2026-12-01 22:00"),
        ("09:00", "17:00", "2026-11-30 08:00", False, "2026-11-30 09:00"),
        ("09:00", "17:00", "2026-11-30 12:00", True, "2026-11-30 17:00"),
        ("09:00", "17:00", "2026-11-30 17:00", False, "2026-12-01 09:00"),
        ("00:00", "06:00", "2026-11-30 23:59", False, "2026-12-01 00:00"),
        ("00:00", "06:00", "2026-12-01 00:00", True, "2026-12-01 06:00"),
        ("18:00", "00:00", "2026-11-30 23:59", True, "2026-12-01 00:00"),
        ("18:00", "00:00", "2026-12-01 00:00", False, "2026-12-01 18:00"),
        ("00:00", "23:59", "2026-12-31 23:59", False, "2027-01-01 00:00"),
    ],
)
def test_full_hours_begin_and_end_on_the_minute(begins, ends, now, full, until):
    found = allowance(hours(begins, ends), at(now))
    assert (found.limit, found.until) == (FAST, at(until))
    assert found.paused_until == (None if full else at(until))


def test_other_hours_may_have_a_speed_of_their_own():
    found = allowance(hours("22:00", "07:00", other_pauses=False), at("2026-11-30 12:00"))
    assert (found.limit, found.paused_until, found.until) == (SLOW, None, at("2026-11-30 22:00"))


@pytest.mark.parametrize(
    "settings",
    [SavingSettings(limit=FAST), hours("08:00", "08:00"), SavingSettings(limit=FAST, full_from=time(8))],
    ids=["none", "equal", "one"],
)
def test_without_hours_or_with_equal_ones_the_full_speed_always_applies(settings):
    for hour in range(24):
        found = allowance(settings, at(f"2026-11-30 {hour:02}:00"))
        assert (found.limit, found.paused_until, found.until) == (FAST, None, None)


def test_hours_are_those_of_the_instance_not_of_the_one_who_looks(in_zone):
    in_zone("Asia/Tokyo")
    with timezone.override("America/New_York"):
        found = allowance(hours("22:00", "07:00"), at("2026-11-30 21:00", ZoneInfo("Asia/Tokyo")))
    assert found.paused_until == at("2026-11-30 22:00", ZoneInfo("Asia/Tokyo"))


@pytest.mark.parametrize(
    ("begins", "ends", "now", "full", "until"),
    [
        # 2:30 is skipped in March: it counts as the moment when the clocks jump, 3:00 summer time.
        ("02:30", "05:00", "2026-03-29 01:59", False, "2026-03-29 03:00"),
        ("02:30", "05:00", "2026-03-29 03:00", True, "2026-03-29 05:00"),
        ("22:00", "02:30", "2026-03-29 01:59", True, "2026-03-29 03:00"),
        ("22:00", "02:30", "2026-03-29 03:00", False, "2026-03-29 22:00"),
        ("02:30", "03:15", "2026-03-29 03:10", True, "2026-03-29 03:15"),
        ("02:10", "02:50", "2026-03-29 03:10", False, "2026-03-30 02:10"),
        ("22:00", "07:00", "2026-03-29 03:30", True, "2026-03-29 07:00"),
    ],
)
def test_a_time_that_is_skipped_is_the_end_of_the_gap(begins, ends, now, full, until):
    found = allowance(hours(begins, ends), at(now))
    assert (found.paused_until is None, found.until) == (full, at(until))


def test_a_time_that_comes_twice_counts_once():
    night = hours("22:00", "02:30")
    assert allowance(night, at("2026-10-25 02:15")).until == at("2026-10-25 02:30")
    for fold, minute in ((0, 30), (0, 59), (1, 0), (1, 15), (1, 45)):
        found = allowance(night, at(f"2026-10-25 02:{minute:02}", fold=fold))
        assert found.paused_until == at("2026-10-25 22:00")
    early = hours("02:30", "04:00")
    assert allowance(early, at("2026-10-25 02:10", fold=1)).until == at("2026-10-25 04:00")


@pytest.mark.parametrize(
    "zone", ["Australia/Lord_Howe", "America/St_Johns", "Pacific/Apia", "Asia/Kathmandu", "UTC"]
)
def test_zones_with_odd_offsets(in_zone, zone):
    in_zone(zone)
    here = ZoneInfo(zone)
    found = allowance(hours("22:00", "07:00"), at("2026-04-05 12:00", here))
    assert found.paused_until == at("2026-04-05 22:00", here)


moments = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(ZoneInfo("UTC")))
times = st.times().map(lambda at: at.replace(second=0, microsecond=0))


@hypothesis_settings(deadline=None)
@given(moments, times, times)
def test_what_is_announced_comes_true(now, begins, ends):
    planned = SavingSettings(full_from=begins, full_until=ends, limit=FAST)
    found = allowance(planned, now)
    if begins == ends:
        assert found.until is None
        return
    assert now < found.until <= now + timedelta(hours=49)
    shortly_before = max(now, found.until - timedelta(seconds=1))
    assert allowance(planned, shortly_before) == found
    assert (allowance(planned, found.until).paused_until is None) == (found.paused_until is not None)
