"""Quiet hours hold messages until they end, in the person's time zone, and everything held goes out as one."""

from __future__ import annotations

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest
import time_machine
from hypothesis import HealthCheck, given, settings
from hypothesis.strategies import datetimes, just, sampled_from, times

from notifications.models import Delivery
from notifications.services import channels, schedule
from tests.notifications.telling import be_quiet, deliver, make_hook, make_torrents, states, tell

BERLIN = ZoneInfo("Europe/Berlin")
NIGHT = datetime(2026, 11, 3, 22, 30, tzinfo=UTC)  # 23:30 in Berlin
MORNING = datetime(2026, 11, 4, 6, 0, 1, tzinfo=UTC)


@pytest.fixture
def mara(cast, hooks):
    cast.member.time_zone = "Europe/Berlin"
    cast.member.save()
    be_quiet(cast.member, "23:00", "07:00")
    make_hook(cast.member)
    return cast.member


@pytest.mark.django_db(transaction=True)
def test_what_happens_at_night_comes_in_the_morning_as_one_message(mara, cast, hooks):
    films = make_torrents(mara, cast.account, 3)
    for number, film in enumerate(films):
        with time_machine.travel(NIGHT.replace(minute=30 + 5 * number)):
            tell(mara, [film])
            assert deliver() == 0
    assert not hooks.taken
    with time_machine.travel(MORNING.replace(hour=5, minute=59)):
        assert deliver() == 0
    with time_machine.travel(MORNING):
        assert deliver() == 1
    assert hooks.titles == ["3 torrents are ready"]
    assert hooks.taken[0].lines == ["Film 0", "Film 1", "Film 2"]


@pytest.mark.django_db(transaction=True)
def test_a_single_message_of_the_night_comes_as_it_is(mara, cast, hooks):
    with time_machine.travel(NIGHT):
        tell(mara, make_torrents(mara, cast.account, 1))
        deliver()
    with time_machine.travel(MORNING):
        deliver()
    assert hooks.titles == ["Film 0 is ready"]


@pytest.mark.django_db(transaction=True)
def test_during_the_day_messages_go_out_at_once(mara, cast, hooks):
    with time_machine.travel(MORNING):
        tell(mara, make_torrents(mara, cast.account, 1))
        assert deliver() == 1


@pytest.mark.django_db(transaction=True)
def test_a_test_message_ignores_quiet_hours(mara, cast, hooks):
    with time_machine.travel(NIGHT):
        channels.send_test(Delivery.channel.field.related_model.objects.get(), mara)
        assert deliver() == 1


@pytest.mark.django_db(transaction=True)
def test_changing_quiet_hours_releases_what_they_held(mara, cast, hooks):
    with time_machine.travel(NIGHT):
        tell(mara, make_torrents(mara, cast.account, 2))
        deliver()
        be_quiet(mara, "23:45", "07:00")
        assert schedule.release(mara) == 2
        assert deliver() == 1
    assert hooks.titles == ["2 torrents are ready"]


@pytest.mark.django_db(transaction=True)
def test_a_retry_waits_for_the_morning_too(mara, cast, hooks):
    hooks.script.append(500)
    with time_machine.travel(NIGHT.replace(hour=21, minute=59, second=50)):
        tell(mara, make_torrents(mara, cast.account, 1))
        deliver()
    with time_machine.travel(NIGHT):
        assert deliver() == 0 and states(held=True) == ["waiting"]
    with time_machine.travel(MORNING):
        assert deliver() == 1


def at(hour: int, minute: int = 0, day: int = 3, month: int = 11, fold: int = 0) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=BERLIN, fold=fold)


@pytest.mark.parametrize(
    ("begins", "ends", "now", "until"),
    [
        (time(23), time(7), at(23), at(7, day=4)),
        (time(23), time(7), at(3), at(7)),
        (time(23), time(7), at(7), None),
        (time(23), time(7), at(22, 59), None),
        (time(13), time(15), at(14), at(15)),
        (time(13), time(15), at(16), None),
        (time(7), time(7), at(7), None),
        (time(0), time(23, 59), at(23, 59), None),
        # Clocks go back from 3:00 to 2:00 on October 25, so 2:30 comes twice.
        (time(23), time(2, 30), at(2, 10, 25, 10), at(2, 30, 25, 10)),
        (time(23), time(2, 30), at(2, 10, 25, 10, fold=1), at(2, 30, 25, 10, fold=1)),
        # Clocks go forward from 2:00 to 3:00 on March 29, so there is no 2:30.
        (time(23), time(2, 30), at(1, 59, 29, 3), at(3, 30, 29, 3)),
    ],
)
def test_the_end_of_quiet_hours(begins, ends, now, until):
    found = schedule.end_of_quiet(begins, ends, now.astimezone(UTC), BERLIN)
    assert (found and found.astimezone(UTC)) == (until and until.astimezone(UTC))


@settings(deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    begins=times(),
    ends=times(),
    now=datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=just(UTC)),
    zone=sampled_from(["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"]),
)
def test_quiet_hours_end_within_25_hours(begins, ends, now, zone):
    until = schedule.end_of_quiet(begins, ends, now, ZoneInfo(zone))
    assert until is None or now < until <= now + schedule.MAX_HELD
