"""The people of a torrent are those for whom the list shows it."""

from __future__ import annotations

from itertools import product

import pytest

from accounts.models import Share
from notifications.events import Event, Kind
from notifications.models import Notification
from notifications.services.audience import Audience
from notifications.services.choices import choose, follow, mute
from notifications.services.event_reader import read_events
from tests.factories import make_account, make_key, make_torrent, make_user
from tests.notifications.drafts import start_cursor
from torrents.models import Activity, Torrent

pytestmark = pytest.mark.django_db


@pytest.fixture
def people(cast):
    """The cast, a guest, a suspended person with a share, and one with an account of their own."""
    guest, suspended, other = (
        make_user("guest", "guest"),
        make_user("gone", is_active=False),
        make_user("other"),
    )
    for person in (guest, suspended):
        Share.objects.create(account=cast.account, user=person)
    make_account(other, make_key("other"), label="Other")
    return [cast.owner, cast.member, cast.viewer, cast.outsider, guest, suspended, other]


@pytest.fixture
def torrents(cast, people):
    """A torrent of everyone and of no one on each account, hidden and not."""
    accounts = [cast.account, people[-1].torbox_accounts.get()]
    for account, adder, hidden in product(accounts, [None, *people], [False, True]):
        make_torrent(account, f"{account} {adder} {hidden}", added_by=adder, hidden=hidden, file_count=0)
    return list(Torrent.objects.select_related("account"))


def test_those_who_see_a_torrent_are_those_to_whom_the_list_shows_it(people, torrents):
    audience = Audience(torrent.pk for torrent in torrents)
    for person in people:
        shown = (
            set(Torrent.objects.visible_to(person).values_list("pk", flat=True))
            if person.is_active
            else set()
        )
        seen = {pk for pk, torrent in audience.torrents.items() if person.pk in audience.seeing(torrent)}
        assert seen == shown, person


def test_each_is_told_about_what_they_added_and_may_see(people, torrents):
    audience = Audience(torrent.pk for torrent in torrents)
    for torrent in torrents:
        adder = torrent.added_by or torrent.account.owner
        assert audience.concerned(audience.torrents[torrent.pk]) <= {adder.pk}
        may_see = adder.is_active and Torrent.objects.visible_to(adder).filter(pk=torrent.pk).exists()
        assert bool(audience.concerned(audience.torrents[torrent.pk])) == may_see


def test_following_and_muting_change_nothing_about_what_one_may_see(people, torrents):
    *others, muter = people
    for torrent in torrents:
        mute(muter, torrent.pk)
        for person in others:
            follow(person, torrent.pk)
    audience = Audience(torrent.pk for torrent in torrents)
    for torrent in audience.torrents.values():
        assert audience.concerned(torrent) == audience.seeing(torrent)
        assert muter.pk not in audience.seeing(torrent)


def test_whatever_people_are_told_they_may_still_see(cast, people, torrents):
    start_cursor(cast.account)
    for person in people:
        choose(person, {(event, "bell"): True for event in Event.values})
    kinds = (Kind.READY, Kind.ADDED, Kind.LINK)
    Activity.record_many(Activity.about(row, kind, person=cast.viewer) for row in torrents for kind in kinds)
    assert read_events() > len(torrents)
    assert Notification.objects.still_visible().count() == Notification.objects.count()
    for person in people:
        theirs = set(Notification.objects.filter(person=person).values_list("torrent", flat=True))
        assert theirs <= set(Torrent.objects.visible_to(person).values_list("pk", flat=True))


def test_the_people_of_many_torrents_take_few_queries(torrents, django_assert_num_queries):
    with django_assert_num_queries(5):
        audience = Audience(torrent.pk for torrent in torrents)
        for torrent in audience.torrents.values():
            audience.concerned(torrent)
