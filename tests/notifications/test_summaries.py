"""Summaries come at 8 in the morning of each person, count what they see, and come once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine

from notifications.events import Kind
from notifications.models import Notification, NotificationSettings, Summary
from notifications.services import summaries
from tests.factories import make_torrent
from tests.notifications.telling import deliver, make_hook
from torrents.models import Activity

BERLIN = ZoneInfo("Europe/Berlin")
CHOSEN = datetime(2026, 11, 3, 15, 0, tzinfo=BERLIN)  # a Tuesday
WEDNESDAY = datetime(2026, 11, 4, 8, 5, tzinfo=BERLIN)
SUNDAY = datetime(2026, 11, 8, 8, 5, tzinfo=BERLIN)


@pytest.fixture
def mara(cast):
    cast.member.time_zone = "Europe/Berlin"
    cast.member.save()
    return cast.member


def choose(person, summary: str) -> None:
    """Choose a summary, and let the worker look."""
    with time_machine.travel(CHOSEN):
        NotificationSettings.objects.create(person=person, summary=summary)
        summaries.summarize_due()


def happen(account, kind: str, name: str, at: datetime, **fields):
    with time_machine.travel(at):
        torrent = make_torrent(account, name, **fields)
        Activity.record(torrent, kind)
    return torrent


def summarize(at: datetime) -> int:
    with time_machine.travel(at):
        return summaries.summarize_due()


@pytest.mark.django_db
def test_a_daily_summary_counts_what_happened_since_the_last_one(mara, cast):
    happen(cast.account, Activity.Kind.ADDED, "Before", CHOSEN - timedelta(hours=1))
    choose(mara, Summary.DAILY)
    for number in range(3):
        happen(cast.account, Activity.Kind.ADDED, f"New {number}", CHOSEN + timedelta(hours=1))
    happen(cast.account, Activity.Kind.READY, "Ready", CHOSEN + timedelta(hours=1))
    happen(cast.account, Activity.Kind.FAILED, "Failed", CHOSEN + timedelta(hours=1))
    happen(
        cast.account,
        Activity.Kind.TAGGED,
        "Ends",
        CHOSEN + timedelta(hours=1),
        removal_at=WEDNESDAY + timedelta(days=2),
    )
    assert summarize(WEDNESDAY) == 1
    note = Notification.objects.get()
    assert (note.kind, note.person, note.in_bell) == (Kind.SUMMARY, mara, True)
    assert note.params == {"added": 3, "ready": 1, "failed": 1, "expiring": 1, "days": 1}


@pytest.mark.django_db
def test_a_summary_comes_once(mara, cast):
    choose(mara, Summary.DAILY)
    happen(cast.account, Activity.Kind.ADDED, "New", CHOSEN + timedelta(hours=1))
    assert [summarize(WEDNESDAY), summarize(WEDNESDAY + timedelta(minutes=15))] == [1, 0]
    assert summarize(WEDNESDAY + timedelta(days=1)) == 0  # nothing happened since


@pytest.mark.django_db
def test_no_summary_comes_before_eight_of_the_person(mara, cast):
    choose(mara, Summary.DAILY)
    happen(cast.account, Activity.Kind.ADDED, "New", CHOSEN + timedelta(hours=1))
    assert summarize(WEDNESDAY.replace(hour=7, minute=59)) == 0
    assert summarize(WEDNESDAY.replace(hour=8, minute=0)) == 1


@pytest.mark.django_db
def test_a_weekly_summary_comes_on_sunday(mara, cast):
    choose(mara, Summary.WEEKLY)
    happen(cast.account, Activity.Kind.ADDED, "New", CHOSEN + timedelta(hours=1))
    assert summarize(SUNDAY - timedelta(days=1)) == 0
    assert summarize(SUNDAY) == 1
    assert Notification.objects.get().params["days"] == 5  # it was chosen on Tuesday


@pytest.mark.django_db
def test_a_summary_counts_only_what_the_person_sees(mara, cast):
    choose(mara, Summary.DAILY)
    happen(cast.account, Activity.Kind.ADDED, "Secret", CHOSEN + timedelta(hours=1), hidden=True)
    assert summarize(WEDNESDAY) == 0


@pytest.mark.django_db
def test_a_summary_tells_what_the_worker_missed(mara, cast):
    choose(mara, Summary.DAILY)
    happen(cast.account, Activity.Kind.ADDED, "New", CHOSEN + timedelta(hours=1))
    assert summarize(WEDNESDAY + timedelta(days=3)) == 1
    assert Notification.objects.get().params["days"] == 4


@pytest.mark.django_db
def test_a_wrong_clock_does_not_end_summaries(mara, cast):
    choose(mara, Summary.DAILY)
    NotificationSettings.objects.update(summarized_at=WEDNESDAY + timedelta(days=400))
    happen(cast.account, Activity.Kind.ADDED, "New", CHOSEN + timedelta(hours=1))
    summarize(WEDNESDAY)
    happen(cast.account, Activity.Kind.ADDED, "Newer", WEDNESDAY + timedelta(hours=1))
    assert summarize(WEDNESDAY + timedelta(days=1)) == 1


@pytest.mark.django_db
def test_a_suspended_person_gets_no_summary(mara, cast):
    choose(mara, Summary.DAILY)
    happen(cast.account, Activity.Kind.ADDED, "New", CHOSEN + timedelta(hours=1))
    mara.is_active = False
    mara.save()
    assert summarize(WEDNESDAY) == 0


@pytest.mark.django_db(transaction=True)
def test_a_summary_goes_to_the_channels_of_the_person(mara, cast, hooks):
    make_hook(mara)
    choose(mara, Summary.DAILY)
    happen(cast.account, Activity.Kind.ADDED, "New", CHOSEN + timedelta(hours=1))
    with time_machine.travel(WEDNESDAY):
        summaries.summarize_due()
        assert deliver() == 1
    assert hooks.titles == ["1 torrent added"]
    assert hooks.taken[0].body["kind"] == "summary"


@pytest.mark.parametrize(
    ("summary", "now", "moment"),
    [
        (Summary.DAILY, WEDNESDAY, WEDNESDAY.replace(minute=0)),
        (Summary.DAILY, WEDNESDAY.replace(hour=7), CHOSEN.replace(hour=8)),
        (Summary.WEEKLY, SUNDAY, SUNDAY.replace(minute=0)),
        (Summary.WEEKLY, SUNDAY.replace(hour=7), SUNDAY.replace(day=1, minute=0)),
        (Summary.WEEKLY, WEDNESDAY, SUNDAY.replace(day=1, minute=0)),
    ],
)
def test_when_a_summary_was_due_last(summary, now, moment):
    assert summaries.last_moment(summary, now.astimezone(UTC), BERLIN) == moment
