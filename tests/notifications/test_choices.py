"""People choose what they are told, and where. Only what differs from the defaults is stored."""

from __future__ import annotations

import pytest

from notifications.events import Event
from notifications.models import ChannelKind, EventChoice, TorrentChoice
from notifications.services.choices import choose, follow, mute, reset, wanted_by
from tests.factories import make_account, make_cast, make_key, make_torrent, make_user
from tests.notifications.drafts import make_channel
from tests.torrents.test_two_workers import race

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada():
    return make_user("ada")


@pytest.fixture
def bo():
    return make_user("bo")


def wanted(person):
    return wanted_by([person])[person.pk]


def test_without_a_choice_the_defaults_apply(ada, bo):
    own, push = make_channel(ada), make_channel(ada, ChannelKind.PUSH)
    household = make_channel(bo, household=True)
    mine = wanted(ada)
    assert [event for event in Event.values if not mine.goes_to_bell(event)] == [Event.ADDED]
    for channel in (own, push):
        assert [event for event in Event.values if mine.goes_to(event, channel, ada)] == ["ready", "failed"]
    assert not any(mine.goes_to(event, household, ada) for event in Event.values)
    assert wanted(bo).goes_to(Event.READY, household, bo)


def test_the_bell_always_shows_what_is_no_choice(ada):
    assert wanted(ada).goes_to_bell("")


def test_only_what_differs_from_the_default_is_stored(ada, bo):
    own, household = make_channel(ada), make_channel(bo, household=True)
    choose(
        ada,
        {
            (Event.READY, "bell"): True,
            (Event.READY, "push"): False,
            (Event.READY, own.pk): True,
            (Event.READY, household.pk): True,
            (Event.LINK, household.pk): False,
            (Event.LINK, own.pk): True,
        },
    )
    stored = EventChoice.objects.order_by("pk").values_list("event", "place", "channel", "wanted")
    assert list(stored) == [
        ("ready", "push", None, False),
        ("ready", "channel", household.pk, True),
        ("link", "channel", own.pk, True),
    ]
    mine = wanted(ada)
    assert mine.goes_to(Event.READY, household, ada) and mine.goes_to(Event.LINK, own, ada)
    assert not mine.goes_to(Event.READY, make_channel(ada, ChannelKind.PUSH), ada)
    assert not wanted(bo).goes_to(Event.LINK, own, bo)


def test_choosing_the_default_again_leaves_nothing_stored(ada):
    choose(ada, {(Event.READY, "bell"): False, (Event.PLAN, "push"): True})
    choose(ada, {(Event.READY, "bell"): True})
    assert EventChoice.objects.get().event == Event.PLAN
    choose(ada, {(Event.PLAN, "push"): False})
    assert not EventChoice.objects.exists()


def test_a_channel_of_someone_else_and_an_unknown_event_are_ignored(ada, bo):
    private = make_channel(bo)
    choose(ada, {(Event.LINK, private.pk): True, ("tea", "bell"): True, (Event.LINK, "roof"): True})
    assert not EventChoice.objects.exists()


def test_choices_for_a_channel_that_is_no_longer_the_households_have_no_effect(ada, bo):
    channel = make_channel(bo, household=True)
    choose(ada, {(Event.READY, channel.pk): True})
    channel.household = False
    channel.save()
    assert not wanted(ada).goes_to(Event.READY, channel, ada)


def test_what_several_people_want_takes_one_query(ada, bo, django_assert_num_queries):
    choose(ada, {(Event.READY, "bell"): False})
    with django_assert_num_queries(1):
        both = wanted_by([ada, bo])
    assert not both[ada.pk].goes_to_bell(Event.READY) and both[bo.pk].goes_to_bell(Event.READY)


def test_the_last_of_follow_and_mute_counts(ada, bo):
    torrent = make_torrent(make_account(bo, make_key("followed")))
    follow(ada, torrent.pk)
    follow(ada, torrent.pk)
    mute(ada, torrent.pk)
    assert TorrentChoice.objects.get().muted
    follow(ada, torrent.pk)
    assert not TorrentChoice.objects.get().muted
    reset(bo, torrent.pk)
    assert TorrentChoice.objects.exists()
    reset(ada, torrent.pk)
    reset(ada, torrent.pk)
    assert not TorrentChoice.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_following_a_torrent_that_was_just_deleted_does_nothing(ada):
    follow(ada, 12345)
    assert not TorrentChoice.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_several_tabs_may_choose_at_the_same_time():
    cast = make_cast(make_key("tabs"))
    torrent = make_torrent(cast.account)
    everything = {(event, place): event == Event.LINK for event in Event.values for place in ("bell", "push")}
    race(
        lambda: choose(cast.member, everything),
        lambda: mute(cast.member, torrent.pk),
        lambda: follow(cast.member, torrent.pk),
        times=3,
    )
    mine = wanted(cast.member)
    assert [event for event in Event.values if mine.goes_to_bell(event)] == [Event.LINK]
    assert TorrentChoice.objects.count() == 1
