"""More than 5 messages within 2 minutes become one, and no one gets more than 30 an hour."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.db.models import Min
from django.utils import timezone

from notifications.events import Kind
from notifications.models import Delivery
from tests.notifications.telling import deliver, make_hook, make_torrents, states, tell

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def mara(cast, hooks):
    make_hook(cast.member)
    return cast.member


@pytest.fixture
def clock():
    with time_machine.travel(timezone.now(), tick=False) as traveller:
        yield traveller


def test_up_to_five_go_out_singly(mara, cast, hooks):
    tell(mara, make_torrents(mara, cast.account, 5))
    assert deliver() == 5
    assert hooks.titles == [f"Film {number} is ready" for number in range(5)]


def test_more_than_five_become_one_message_when_two_minutes_are_over(mara, cast, hooks, clock):
    tell(mara, make_torrents(mara, cast.account, 12))
    assert deliver() == 0
    clock.shift(timedelta(seconds=119))
    assert deliver() == 0
    clock.shift(timedelta(seconds=1))
    assert deliver() == 1
    message = hooks.taken[0]
    assert message.title == "12 torrents are ready"
    assert message.lines == [f"Film {number}" for number in range(12)]
    assert states() == ["sent"] * 12


def test_the_rest_of_a_storm_is_held_after_five_single_messages(mara, cast, hooks, clock):
    films = make_torrents(mara, cast.account, 9)
    for film in films:
        tell(mara, [film])
        deliver()
        clock.shift(timedelta(seconds=10))
    assert len(hooks.taken) == 5
    clock.shift(timedelta(seconds=31))
    assert deliver() == 1
    assert hooks.titles[5:] == ["4 torrents are ready"]


def test_a_storm_that_goes_on_is_one_message_every_two_minutes(mara, cast, hooks, clock):
    films = make_torrents(mara, cast.account, 60)
    for film in films:  # for ten minutes
        tell(mara, [film])
        deliver()
        clock.shift(timedelta(seconds=10))
    clock.shift(timedelta(minutes=2))
    deliver()
    assert len(hooks.taken) == 5 + 5
    assert states() == ["sent"] * 60
    named = [torrent["id"] for message in hooks.taken for torrent in message.body["torrents"]]
    assert sorted(named) == [film.pk for film in films]


def test_five_within_two_minutes_and_five_after_go_out_singly(mara, cast, hooks, clock):
    films = make_torrents(mara, cast.account, 10)
    tell(mara, films[:5])
    assert deliver() == 5
    clock.shift(timedelta(minutes=2, seconds=1))
    tell(mara, films[5:])
    assert deliver() == 5


def test_what_waited_for_a_service_goes_out_as_one_at_once(mara, cast, hooks, clock):
    hooks.script.append(500)
    films = make_torrents(mara, cast.account, 10)
    for film in films:
        tell(mara, [film])
        deliver()
        clock.shift(timedelta(seconds=150))
        hooks.script.append(500)
    hooks.script.clear()
    clock.shift(timedelta(hours=1))
    while deliver():
        pass
    assert hooks.titles == ["Film 0 is ready", "9 torrents are ready"]


def test_a_digest_lists_twenty_and_says_how_many_more(mara, cast, hooks, clock):
    tell(mara, make_torrents(mara, cast.account, 23))
    deliver()
    clock.shift(timedelta(minutes=2))
    deliver()
    message = hooks.taken[0]
    assert len(message.lines) == 21 and message.lines[-1] == "and 3 more"
    assert len(message.body["torrents"]) == 23


def test_a_digest_of_several_kinds_has_a_sentence_for_each(mara, cast, hooks, clock):
    films = make_torrents(mara, cast.account, 6)
    tell(mara, films[:5])
    tell(mara, films[5:], kind=Kind.FAILED)
    deliver()
    clock.shift(timedelta(minutes=2))
    deliver()
    message = hooks.taken[0]
    assert message.title == "6 notifications"
    assert message.lines[-2:] == ["Film 4 is ready", "Film 5 failed"]
    assert message.body["kind"] == "digest"
    assert [note["kind"] for note in message.body["notifications"]] == ["ready"] * 5 + ["failed"]


def test_a_digest_leads_to_its_torrents(mara, cast, hooks, clock, settings):
    films = make_torrents(mara, cast.account, 7)
    tell(mara, films)
    deliver()
    clock.shift(timedelta(minutes=2))
    deliver()
    assert hooks.taken[0].body["url"] == f"{settings.SITE_ORIGIN}/?ids={films[0].pk}-{films[-1].pk}"


def test_a_person_gets_at_most_thirty_messages_an_hour(mara, cast, hooks, clock):
    films = make_torrents(mara, cast.account, 40)
    for film in films:
        tell(mara, [film])
        deliver()
        clock.shift(timedelta(seconds=50))
    began = Delivery.objects.filter(state="sent").aggregate(first=Min("ended_at"))["first"]
    assert len(hooks.taken) == 30
    clock.move_to(began + timedelta(hours=1, seconds=1))
    assert deliver() == 1
    assert hooks.titles[-1] == "10 torrents are ready"
    assert states() == ["sent"] * 40
