"""Notifications are written once, as lines of the bell, with what has to be sent of them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from notifications.events import Event, Kind
from notifications.models import ChannelKind, Delivery, Notification
from notifications.services.choices import choose
from notifications.services.publishing import publish
from notifications.services.reading import mark_all_read, mark_read, torrent_opened
from tests.factories import make_account, make_cast, make_key, make_torrent, make_user
from tests.notifications.drafts import draft, make_channel
from tests.torrents.test_two_workers import race
from torrents.queueing import messages_waiting

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada():
    return make_user("ada")


@pytest.fixture
def bo():
    return make_user("bo")


def bursts() -> list[int]:
    """Return how many notifications each burst has."""
    firsts = Notification.objects.exclude(burst=None).values_list("burst", flat=True)
    return sorted(list(firsts).count(first) for first in set(firsts))


def test_a_thing_is_written_once_for_each_person(ada, bo):
    assert publish([draft(ada, source="x"), draft(bo, source="x"), draft(ada, source="x")]) == 2
    assert publish([draft(ada, source="x"), draft(ada, source="y")]) == 1
    assert Notification.objects.filter(person=ada).count() == 2


def test_nothing_to_write_is_no_trouble(ada):
    assert publish([]) == 0


def test_what_a_person_wants_nowhere_is_not_written(ada):
    assert publish([draft(ada, Kind.ADDED)]) == 0
    choose(ada, {(Event.ADDED, "bell"): True, (Event.READY, "bell"): False})
    assert publish([draft(ada, Kind.ADDED), draft(ada, Kind.READY)]) == 1
    assert Notification.objects.get().in_bell


def test_what_goes_to_a_channel_alone_is_not_in_the_bell(ada):
    channel = make_channel(ada)
    choose(ada, {(Event.READY, "bell"): False})
    publish([draft(ada)])
    note = Notification.objects.get()
    assert not note.in_bell and note.deliveries.get().channel == channel
    assert not Notification.objects.in_bell(ada).exists()


def test_ready_and_failed_go_to_each_channel_of_a_person(ada):
    channels = {make_channel(ada), make_channel(ada, ChannelKind.PUSH), make_channel(ada, ChannelKind.PUSH)}
    publish([draft(ada, Kind.READY), draft(ada, Kind.FAILED), draft(ada, Kind.STALLED)])
    assert Delivery.objects.count() == 6
    assert {row.channel for row in Delivery.objects.filter(notification__kind=Kind.FAILED)} == channels
    assert not Delivery.objects.filter(notification__kind=Kind.STALLED).exists()


def test_a_channel_gets_nothing_of_other_people(ada, bo):
    make_channel(bo)
    publish([draft(ada)])
    assert not Delivery.objects.exists()


def test_a_channel_of_the_household_gets_a_thing_once_for_its_maker_first(ada, bo):
    channel = make_channel(bo, household=True)
    choose(ada, {(Event.READY, channel.pk): True})
    publish([draft(ada, source="x"), draft(bo, source="x"), draft(ada, source="y")])
    assert {row.source: row.person for row in Delivery.objects.all()} == {"x": bo, "y": ada}
    publish([draft(bo, source="y")])
    assert Delivery.objects.count() == 2


def test_a_hidden_torrent_never_goes_to_a_channel_of_the_household(ada):
    account = make_account(ada, make_key("hidden"))
    hidden, shown = make_torrent(account, "A", hidden=True), make_torrent(account, "B")
    household, own = make_channel(ada, household=True), make_channel(ada)
    publish([draft(ada, torrent=hidden, account=account), draft(ada, torrent=shown, account=account)])
    sent = set(Delivery.objects.values_list("channel", "notification__torrent"))
    assert sent == {(own.pk, hidden.pk), (own.pk, shown.pk), (household.pk, shown.pk)}


def test_suspended_people_get_no_messages(ada):
    make_channel(ada)
    ada.is_active = False
    ada.save()
    publish([draft(ada)])
    assert not Delivery.objects.exists()


def test_what_is_older_than_a_day_is_shown_but_not_sent(ada):
    make_channel(ada)
    publish([draft(ada, at=timezone.now() - timedelta(hours=25))])
    assert Notification.objects.in_bell(ada).count() == 1 and not Delivery.objects.exists()


def test_a_summary_goes_to_the_channels_that_the_person_alone_reads(ada):
    own = make_channel(ada)
    make_channel(ada, household=True)
    publish([draft(ada, Kind.SUMMARY), draft(ada, Kind.CHANNEL, channel=own)])
    assert [row.channel for row in Delivery.objects.all()] == [own]
    assert Notification.objects.in_bell(ada).count() == 2


def test_messages_are_sent_soon_after_the_commit(ada, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks() as callbacks:
        publish([draft(ada)])
    assert not callbacks
    make_channel(ada)
    waiting = messages_waiting()
    with django_capture_on_commit_callbacks(execute=True):
        publish([draft(ada)])
    assert messages_waiting() == waiting + 1


def test_six_of_a_kind_within_two_minutes_stand_in_one_line(ada, bo):
    publish([draft(ada) for _ in range(6)] + [draft(bo) for _ in range(5)])
    assert bursts() == [6]
    first = Notification.objects.filter(person=ada).order_by("at", "pk").first()
    assert first.burst_id == first.pk
    assert set(Notification.objects.filter(person=ada).values_list("burst", flat=True)) == {first.pk}


def test_a_burst_grows_over_several_calls(ada):
    now = timezone.now()
    for seconds in (0, 20, 40, 60, 80):
        publish([draft(ada, at=now + timedelta(seconds=seconds))])
    assert bursts() == []
    publish([draft(ada, at=now + timedelta(seconds=100))])
    assert bursts() == [6]
    publish([draft(ada, at=now + timedelta(seconds=110)), draft(ada, Kind.FAILED)])
    assert bursts() == [7]
    publish([draft(ada, at=now + timedelta(seconds=121))])
    assert bursts() == [7]


def test_a_burst_begins_wherever_six_lie_close_together(ada):
    now = timezone.now()
    publish(
        [draft(ada, at=now + timedelta(seconds=seconds)) for seconds in (0, 100, 110, 115, 119, 200, 215)]
    )
    assert bursts() == [6]
    assert Notification.objects.get(burst=None).at == now


def test_a_thousand_events_for_five_people_take_few_queries(ada):
    people = [ada, *(make_user(f"person {number}") for number in range(4))]
    for person in people:
        make_channel(person)
    drafts = [draft(person, source=f"activity:{number}") for number in range(1000) for person in people]
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert publish(drafts) == 5000
    assert len(queries) < 40
    assert bursts() == [1000] * 5 and Delivery.objects.count() == 5000
    with CaptureQueriesContext(connection) as queries:
        assert publish(drafts) == 0
    assert len(queries) < 20


def test_reading_one_reads_its_whole_burst(ada, bo):
    publish([draft(ada) for _ in range(6)] + [draft(ada, Kind.FAILED), draft(bo)])
    member = Notification.objects.filter(person=ada, kind=Kind.READY).last()
    assert not mark_read(bo, member.pk)
    assert mark_read(ada, member.pk) and mark_read(ada, member.pk)
    assert Notification.objects.get(person=ada, read_at=None).kind == Kind.FAILED
    assert mark_all_read(ada) == 1 and mark_all_read(ada) == 0
    assert Notification.objects.filter(read_at=None).get().person == bo


def test_opening_a_torrent_reads_what_was_told_about_it(ada):
    account = make_account(ada, make_key("opened"))
    torrents = [make_torrent(account, name) for name in "AB"]
    publish([draft(ada, torrent=torrent, account=account) for torrent in torrents])
    assert torrent_opened(ada, torrents[0].pk) == 1
    assert Notification.objects.get(read_at=None).torrent == torrents[1]


@pytest.mark.django_db(transaction=True)
def test_two_who_publish_the_same_at_once_write_it_once():
    cast = make_cast(make_key("two publish"))
    channel = make_channel(cast.owner, household=True)
    choose(cast.member, {(Event.READY, channel.pk): True})
    sources = [f"activity:{number}" for number in range(30)]
    race(lambda: publish([draft(p, source=s) for s in sources for p in (cast.owner, cast.member)]), times=4)
    assert Notification.objects.count() == 60 and Delivery.objects.count() == 30
    assert bursts() == [30, 30]
