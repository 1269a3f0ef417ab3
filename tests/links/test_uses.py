"""Uses are counted once a day for each visitor, without losing one, and recorded in the activity."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest
from django.utils import timezone

from accounts.services import disconnect
from links.endings import Ending, LinkEnded, NoSuchItem, NoSuchLink
from links.models import LastingLink, LinkUse
from links.services import making
from links.services.contents import files_of, main_item, media_of
from links.services.opening import Opened, open_link
from links.services.uses import record_use
from tests.factories import make_account, make_cast, make_key, make_torrent
from tests.links.factories import make_list, make_share, set_link
from tests.torrents.test_two_workers import race
from torrents.models import Activity, Torrent

pytestmark = pytest.mark.django_db


@pytest.fixture
def torrent(cast) -> Torrent:
    return make_torrent(cast.account, "A film", file_count=3)


@pytest.fixture
def opened(cast, torrent) -> Opened:
    return make_share(cast.member, torrent)


def take(opened: Opened, visitor: str = "ann", number: int = 0) -> None:
    """Open a link as its visitors do, and take one of its files."""
    again = open_link(opened.token, visitor)
    record_use(again, files_of(again)[number], visitor)


def uses_of(opened: Opened) -> int:
    return LastingLink.objects.get(pk=opened.link.pk).uses


def events() -> list[Activity]:
    return list(Activity.objects.filter(kind=Activity.Kind.LINK_USED).order_by("pk"))


def test_whatever_a_visitor_takes_within_a_day_is_one_use(opened, time_machine):
    time_machine.move_to(timezone.now(), tick=False)
    for hours in (0, 0, 1, 12, 10.9):
        time_machine.shift(timedelta(hours=hours))
        take(opened, number=int(hours) % 3)
    assert (uses_of(opened), len(events())) == (1, 1)
    time_machine.shift(timedelta(minutes=7))
    take(opened)
    assert (uses_of(opened), len(events())) == (2, 2)
    assert LinkUse.objects.count() == 1


def test_two_visitors_are_two_uses(opened):
    take(opened, "ann")
    take(opened, "ben")
    assert uses_of(opened) == 2


def test_uses_of_two_links_are_counted_apart(opened, cast, torrent):
    other = make_share(cast.viewer, torrent)
    take(opened)
    take(opened, "ben")
    take(other)
    assert (uses_of(opened), uses_of(other)) == (2, 1)


def test_those_who_took_the_uses_may_go_on_for_a_day_and_others_come_too_late(opened, time_machine):
    time_machine.move_to(timezone.now(), tick=False)
    set_link(opened, max_uses=2)
    take(opened, "ann")
    take(opened, "ben")
    time_machine.shift(timedelta(hours=23))
    take(opened, "ann", 1)
    for stranger in ("cat", ""):
        with pytest.raises(LinkEnded) as ended:
            open_link(opened.token, stranger)
        assert ended.value.ending == Ending.USED_UP
    time_machine.shift(timedelta(hours=2))
    with pytest.raises(LinkEnded):
        open_link(opened.token, "ann")
    assert uses_of(opened) == 2


def test_having_used_another_link_opens_no_used_up_one(opened, cast, torrent):
    take(make_share(cast.member, torrent), "ann")
    set_link(opened, max_uses=1)
    take(opened, "ben")
    with pytest.raises(LinkEnded):
        open_link(opened.token, "ann")


def test_whoever_takes_the_last_use_first_gets_it(opened):
    set_link(opened, max_uses=1)
    mine, theirs = open_link(opened.token, "ann"), open_link(opened.token, "ben")
    record_use(mine, main_item(mine), "ann")
    with pytest.raises(LinkEnded) as ended:
        record_use(theirs, main_item(theirs), "ben")
    assert ended.value.ending == Ending.USED_UP
    assert [event.code for event in events()] == ["zip"]


def test_no_use_is_recorded_of_a_link_that_was_revoked_or_deleted_in_the_meantime(opened, cast):
    mine = open_link(opened.token)
    making.revoke(person=cast.member, links=[opened.link])
    with pytest.raises(LinkEnded) as ended:
        record_use(mine, main_item(mine), "ann")
    assert ended.value.ending == Ending.REVOKED
    LastingLink.objects.all().delete()
    with pytest.raises(NoSuchLink):
        record_use(mine, main_item(mine), "ann")
    assert not events()


def test_the_activity_says_whose_link_it_was_and_what_was_taken(opened, cast, torrent):
    take(opened, "ann", 1)
    [event] = events()
    assert (event.person, event.torrent, event.code) == (cast.member, torrent, "file")
    assert event.params == {"link": "share", "path": "A film/part 1.mkv"}
    assert opened.token not in str(Activity.objects.values())


def test_the_event_of_a_hidden_torrent_is_hidden(opened, cast, torrent):
    Torrent.objects.update(hidden=True, added_by=cast.member)
    take(opened)
    [event] = events()
    assert (event.hidden, event.seen_by) == (True, cast.member)


def test_a_use_postpones_the_removal_and_a_seek_writes_nothing(opened, torrent, django_assert_num_queries):
    assert torrent.taken_at is None
    take(opened)
    torrent.refresh_from_db()
    assert torrent.taken_at is not None
    again = open_link(opened.token, "ann")
    file = main_item(again)
    with django_assert_num_queries(1):
        record_use(again, file, "ann")


def test_the_last_use_is_known_to_the_hour(opened, time_machine):
    time_machine.move_to(timezone.now(), tick=False)
    take(opened)
    time_machine.shift(timedelta(minutes=59))
    take(opened)
    before = LastingLink.objects.get().last_used_at
    assert before == timezone.now() - timedelta(minutes=59)
    time_machine.shift(timedelta(minutes=2))
    take(opened)
    assert LastingLink.objects.get().last_used_at == timezone.now()


def test_one_use_of_a_list_may_take_of_several_torrents_and_each_has_its_event(cast, time_machine):
    time_machine.move_to(timezone.now(), tick=False)
    for name in ("One", "Two"):
        make_torrent(cast.account, name)
    opened = make_list(cast.member)
    for hours in (0, 20, 0, 3):
        time_machine.shift(timedelta(hours=hours))
        for file in media_of(opened):
            record_use(open_link(opened.token), file, "ann")
    assert uses_of(opened) == 1
    assert [event.name for event in events()] == ["Two", "One"]
    time_machine.shift(timedelta(hours=2))  # 25 since the first
    for file in media_of(opened):
        record_use(open_link(opened.token), file, "ann")
    assert (uses_of(opened), len(events())) == (2, 4)


def test_a_torrent_taken_late_in_a_use_doesnt_prolong_it(cast, time_machine):
    time_machine.move_to(timezone.now(), tick=False)
    for name in ("One", "Two"):
        make_torrent(cast.account, name)
    opened = make_list(cast.member)
    two, one = media_of(opened)
    record_use(opened, one, "ann")
    time_machine.shift(timedelta(hours=23))
    record_use(opened, two, "ann")
    time_machine.shift(timedelta(hours=2))
    record_use(opened, two, "ann")
    assert uses_of(opened) == 2


def test_no_use_is_recorded_of_a_torrent_that_was_deleted_in_the_meantime(cast, torrent):
    opened = make_list(cast.member)
    file = media_of(opened)[0]
    disconnect(cast.account)
    with pytest.raises(NoSuchItem):
        record_use(opened, file, "ann")
    assert (uses_of(opened), LinkUse.objects.count()) == (0, 0)


@pytest.fixture
def committed(sim, key):
    """Return people and an account that threads see."""
    return make_cast(key)


@pytest.mark.django_db(transaction=True)
def test_twenty_visitors_at_once_are_twenty_uses(committed):
    opened = make_share(committed.member, make_torrent(committed.account))
    race(*(partial(take, opened, f"visitor {number}") for number in range(20)), times=1)
    assert (uses_of(opened), len(events()), LinkUse.objects.count()) == (20, 20, 20)


@pytest.mark.django_db(transaction=True)
def test_many_connections_of_one_visitor_at_once_are_one_use(committed):
    opened = make_share(committed.member, make_torrent(committed.account, file_count=8))
    race(*(partial(take, opened, "aria2", number) for number in range(8)), times=2)
    assert (uses_of(opened), len(events()), LinkUse.objects.count()) == (1, 1, 1)


@pytest.mark.django_db(transaction=True)
def test_of_ten_visitors_at_once_only_as_many_get_in_as_uses_are_left(committed):
    opened = make_share(committed.member, make_torrent(committed.account), max_uses=3)
    outcomes: list[Ending | None] = []

    def try_to_take(visitor: str) -> None:
        try:
            take(opened, visitor)
            outcomes.append(None)
        except LinkEnded as ended:
            outcomes.append(ended.ending)

    race(*(partial(try_to_take, f"visitor {number}") for number in range(10)), times=1)
    assert sorted(map(str, outcomes)) == ["None"] * 3 + ["used_up"] * 7
    assert (uses_of(opened), LinkUse.objects.count()) == (3, 3)


@pytest.mark.django_db(transaction=True)
def test_one_visitor_who_takes_from_two_accounts_at_once_is_one_use(committed):
    other = make_account(committed.member, make_key("another account"), "Mine")
    for account, name in ((committed.account, "One"), (other, "Two")):
        make_torrent(account, name)
    opened = make_list(committed.member)
    race(*(partial(record_use, opened, file, "kodi") for file in media_of(opened)), times=3)
    assert (uses_of(opened), len(events()), LinkUse.objects.count()) == (1, 2, 2)
