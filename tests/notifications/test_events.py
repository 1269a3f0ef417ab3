"""People are told about the events of their torrents, each thing once, and about nothing they may not see."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.db.models import F
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Share
from notifications.events import Event, Kind
from notifications.models import Cursor, Delivery, Notification
from notifications.services import gaps
from notifications.services.choices import choose, follow, mute
from notifications.services.event_reader import BATCH, NAME, read_events
from notifications.services.gaps import Gap
from notifications.services.leases import TERM
from notifications.services.state_scan import look_at_states
from tests.environment import STACK
from tests.factories import make_hash, make_torrent, make_user
from tests.notifications.drafts import draft, make_channel, start_cursor
from tests.torrents.test_two_workers import race
from torbox.magnets import Magnet
from torrents.models import Activity, Torrent
from torrents.queueing import messages_waiting
from torrents.services.actions import controlling, hiding
from torrents.services.actions.adding import NewTorrent, Options, add, add_again
from torrents.services.sync import refreshing
from torrents.states import Status

pytestmark = pytest.mark.django_db
Happened = Activity.Kind
FILM = NewTorrent(Magnet(make_hash("A film"), "A film"))


@pytest.fixture(autouse=True)
def _begin(cast):
    start_cursor(cast.account)


@pytest.fixture
def everything(cast):
    """Everyone of the cast wants to know everything in the bell."""
    for person in (cast.owner, cast.member, cast.viewer, cast.outsider):
        choose(person, {(event, "bell"): True for event in Event.values})


@pytest.fixture
def clock(time_machine):
    time_machine.move_to(timezone.now())
    return time_machine


def told(kind: str | None = None) -> list[str]:
    """Return the names of the people who were told something."""
    notes = Notification.objects.filter(kind=kind) if kind else Notification.objects.all()
    return sorted(notes.values_list("person__username", flat=True))


def later(seconds: float, **fields) -> dict:
    return {"at": timezone.now() - timedelta(seconds=seconds), **fields}


@pytest.mark.parametrize("happened", [Happened.READY, Happened.FAILED, Happened.GONE])
def test_the_person_who_added_a_torrent_is_told_what_became_of_it(cast, happened):
    torrent = make_torrent(cast.account, added_by=cast.member)
    event = Activity.record(torrent, happened, code="inactive", upstream_detail="inactive")
    assert read_events() == 1
    note = Notification.objects.get()
    assert (note.person, note.kind, note.source) == (cast.member, happened, f"activity:{event.pk}")
    assert (note.torrent, note.account, note.name) == (torrent, cast.account, "A film")
    assert (note.code, note.upstream_detail, note.at) == ("inactive", "inactive", event.at)


def test_a_torrent_that_no_one_added_here_concerns_the_owner_of_the_account(cast):
    Activity.record(make_torrent(cast.account), Happened.READY)
    read_events()
    assert told() == ["owner"]


@pytest.mark.parametrize(
    "happened", [Happened.WAITED, Happened.SENT, Happened.STALLED, Happened.DOWNLOADING, Happened.KEPT]
)
def test_other_events_tell_nothing(cast, everything, happened):
    Activity.record(make_torrent(cast.account), happened)
    assert read_events() == 0


def test_an_event_tells_once(cast):
    Activity.record(make_torrent(cast.account), Happened.READY)
    assert [read_events(), read_events()] == [1, 0]
    Cursor.objects.filter(name=NAME).update(position=F("position") - 1)
    assert read_events() == 0 and Notification.objects.count() == 1


def test_people_who_follow_a_torrent_are_told_and_those_who_mute_it_are_not(cast):
    torrent = make_torrent(cast.account, added_by=cast.member)
    follow(cast.viewer, torrent.pk)
    mute(cast.member, torrent.pk)
    Activity.record(torrent, Happened.READY)
    read_events()
    assert told() == ["viewer"]


def test_people_without_access_are_told_nothing_even_if_they_follow(cast):
    torrent = make_torrent(cast.account, added_by=cast.member)
    follow(cast.outsider, torrent.pk)
    Share.objects.filter(user=cast.member).delete()
    Activity.record(torrent, Happened.READY)
    assert read_events() == 0


def test_suspended_people_are_told_nothing(cast):
    torrent = make_torrent(cast.account, added_by=cast.member)
    cast.member.is_active = False
    cast.member.save()
    Activity.record(torrent, Happened.READY)
    assert read_events() == 0


def test_a_hidden_torrent_tells_only_those_who_may_see_it(cast, everything):
    torrent = make_torrent(cast.account, added_by=cast.member, hidden=True)
    for person in (cast.owner, cast.viewer, cast.member):
        follow(person, torrent.pk)
    Activity.record(torrent, Happened.READY)
    Activity.record(torrent, Happened.ADDED, person=cast.member)
    read_events()
    assert told(Kind.READY) == ["member", "owner"] and told(Kind.ADDED) == ["owner"]


def test_what_happened_while_it_was_hidden_stays_hidden_from_its_next_adder(cast):
    torrent = make_torrent(cast.account, added_by=cast.member, hidden=True)
    Activity.record(torrent, Happened.READY)
    with transaction.atomic():
        hiding.hand_over([torrent], cast.viewer)
        torrent.save()
    read_events()
    assert told() == []


def test_one_is_told_nothing_of_ones_own_acts(cast, everything):
    torrent = make_torrent(cast.account, added_by=cast.member)
    for kind in (Happened.LINK_TAKEN, Happened.ADDED, Happened.RETRIED):
        Activity.record(torrent, kind, person=cast.member)
    controlling.remove(person=cast.member, torrents=[torrent])
    Activity.objects.update(**later(60))
    read_events()
    assert "member" not in told()


def test_a_link_that_someone_else_took_concerns_those_whose_torrent_it_is(cast):
    torrent = make_torrent(cast.account, added_by=cast.member)
    follow(cast.owner, torrent.pk)
    Activity.record(torrent, Happened.LINK_TAKEN, person=cast.viewer, code="file", params={"path": "a.mkv"})
    read_events()
    assert told(Kind.LINK) == ["member", "owner"]
    note = Notification.objects.first()
    assert note.actor == cast.viewer and note.params == {"path": "a.mkv"}


def test_a_use_of_a_link_concerns_its_maker_too(cast):
    torrent = make_torrent(cast.account, added_by=cast.owner)
    used = {"code": "file", "params": {"path": "a.mkv", "link": "share"}}
    Activity.record(torrent, Happened.LINK_USED, person=cast.member, **used)
    read_events()
    assert told(Kind.LINK_USED) == ["member", "owner"]


def test_the_maker_of_a_playlist_isnt_told_what_their_own_player_takes(cast):
    torrent = make_torrent(cast.account, added_by=cast.owner)
    for kind in ("export", "playlist", "podcast"):
        used = {"code": "file", "params": {"path": "a.mkv", "link": kind}}
        Activity.record(torrent, Happened.LINK_USED, person=cast.member, **used)
    read_events()
    assert told(Kind.LINK_USED) == ["owner"] * 3


def test_the_maker_of_a_link_is_told_nothing_once_they_mute_or_no_longer_see_the_torrent(cast):
    muted, unseen = (make_torrent(cast.account, name, added_by=cast.owner) for name in "AB")
    mute(cast.member, muted.pk)
    Activity.record(muted, Happened.LINK_USED, person=cast.member, code="zip")
    Activity.record(unseen, Happened.LINK_USED, person=cast.outsider, code="zip")
    read_events()
    assert told(Kind.LINK_USED) == ["owner", "owner"]


def test_an_add_concerns_everyone_else_who_sees_the_account(cast, everything):
    add(person=cast.member, account=cast.account, new_torrents=[FILM], options=Options())
    read_events()
    assert told(Kind.ADDED) == ["owner", "viewer"]


def test_adding_again_tells_once(cast, everything):
    torrent = make_torrent(cast.account, added_by=cast.member, status=Status.FAILED)
    add_again(person=cast.owner, torrent=torrent)
    read_events()
    assert told(Kind.ADDED) == ["member", "viewer"]
    assert Notification.objects.first().actor == cast.owner


def test_adding_again_tells_once_wherever_a_batch_ends(cast, everything):
    torrent = make_torrent(cast.account, added_by=cast.member, status=Status.FAILED, hidden=True)
    about_nothing = make_torrent(cast.account, "B", added_by=cast.member)
    Activity.record_many(Activity.about(about_nothing, Happened.WAITED) for _ in range(BATCH - 1))
    add_again(person=cast.owner, torrent=torrent)
    read_events()
    assert told(Kind.ADDED) == ["member"]


def test_by_default_adds_of_others_are_not_told(cast):
    Activity.record(make_torrent(cast.account), Happened.ADDED, person=cast.member)
    assert read_events() == 0


def test_a_deletion_is_told_when_it_can_no_longer_be_undone(cast, clock):
    torrent = make_torrent(cast.account, added_by=cast.member)
    controlling.remove(person=cast.owner, torrents=[torrent])
    assert read_events() == 0
    Activity.record(make_torrent(cast.account, "B", added_by=cast.member), Happened.READY)
    assert read_events() == 1
    clock.shift(timedelta(seconds=20))
    assert read_events() == 1 and told(Kind.DELETED) == ["member"]
    assert Cursor.objects.get(name=NAME).gaps == []


def test_a_deletion_is_told_though_no_worker_ran_for_long(cast, clock):
    torrent = make_torrent(cast.account, added_by=cast.member)
    controlling.remove(person=cast.owner, torrents=[torrent])
    assert read_events() == 0
    clock.shift(gaps.KEPT_FOR + timedelta(minutes=5))
    assert read_events() == 1 and told(Kind.DELETED) == ["member"]
    assert Cursor.objects.get(name=NAME).gaps == []


def test_a_deletion_that_was_undone_tells_nothing(cast, clock):
    torrent = make_torrent(cast.account, added_by=cast.member)
    controlling.remove(person=cast.owner, torrents=[torrent])
    read_events()
    controlling.restore([Torrent.objects.get()])
    clock.shift(timedelta(seconds=20))
    assert read_events() == 0
    clock.shift(gaps.KEPT_FOR)
    assert read_events() == 0 and Cursor.objects.get(name=NAME).gaps == []


def test_many_deletions_are_told_though_they_are_held_back(cast, clock):
    torrents = [make_torrent(cast.account, f"T {n}", file_count=0, added_by=cast.member) for n in range(30)]
    controlling.remove(person=cast.owner, torrents=torrents[::2])
    Activity.record_many(Activity.about(torrent, Happened.READY) for torrent in torrents[1::2])
    controlling.remove(person=cast.owner, torrents=torrents[1:10:2])
    assert read_events() == 10
    assert len(Cursor.objects.get(name=NAME).gaps) == 2
    clock.shift(timedelta(seconds=20))
    assert read_events() == 20


@pytest.mark.parametrize("happened", [Happened.KEPT, Happened.LINK_TAKEN, Happened.LINK_USED, Happened.SENT])
def test_what_may_have_been_solved_is_looked_at_soon(cast, happened, django_capture_on_commit_callbacks):
    torrent = make_torrent(cast.account)
    Activity.record(torrent, happened, person=cast.owner)
    with django_capture_on_commit_callbacks() as callbacks:
        read_events()
    assert not callbacks
    draft(cast.owner, Kind.EXPIRING, torrent=torrent, account=cast.account).save()
    Activity.record(torrent, happened, person=cast.owner)
    waiting = messages_waiting()
    with django_capture_on_commit_callbacks(execute=True):
        read_events()
    assert messages_waiting() == waiting + 1


def test_what_happened_to_a_torrent_that_was_deleted_since_tells_nothing(cast):
    torrent = make_torrent(cast.account, added_by=cast.member)
    Activity.record(torrent, Happened.READY)
    controlling.remove(person=cast.owner, torrents=[torrent])
    assert read_events() == 0
    Torrent.objects.all().delete()
    Cursor.objects.filter(name=NAME).update(position=F("position") - 2, gaps=[])
    assert read_events() == 0


def test_the_first_list_of_an_account_tells_nothing(everything, sim, cast):
    sim.control.seed(
        torrents=[{"key": cast.key, "state": state, "name": state} for state in ("completed", "stalled")]
    )
    assert refreshing.refresh(cast.account, fresh=True) and Torrent.objects.count() == 2
    assert read_events() == 0


def test_what_happened_long_ago_is_shown_but_not_sent(cast):
    channel = make_channel(cast.member)
    torrent = make_torrent(cast.account, added_by=cast.member)
    Activity.record(torrent, Happened.READY)
    Activity.objects.update(at=timezone.now() - timedelta(days=2))
    Activity.record(torrent, Happened.FAILED)
    assert read_events() == 2
    assert [row.notification.kind for row in Delivery.objects.filter(channel=channel)] == [Kind.FAILED]


def test_a_channel_of_the_household_is_sent_a_thing_once_whoever_follows(cast):
    channel = make_channel(cast.owner, household=True)
    torrent = make_torrent(cast.account, added_by=cast.member)
    for person in (cast.member, cast.viewer):
        choose(person, {(Event.READY, channel.pk): True})
        follow(person, torrent.pk)
    Activity.record(torrent, Happened.READY)
    assert read_events() == 2 and Delivery.objects.count() == 1


def test_thousands_of_events_are_read_in_one_run_with_few_queries(cast):
    torrents = [make_torrent(cast.account, f"T {number}", file_count=0) for number in range(BATCH + 50)]
    follower = make_user("follower")
    Share.objects.create(account=cast.account, user=follower)
    for torrent in torrents:
        follow(follower, torrent.pk)
    Activity.record_many(Activity.about(torrent, Happened.READY) for torrent in torrents)
    with CaptureQueriesContext(connection) as queries:
        assert read_events() == 2 * len(torrents)
    assert len(queries) < 100
    assert Cursor.objects.get(name=NAME).position == Activity.objects.first().pk


def test_without_news_a_run_writes_nothing(cast, django_assert_num_queries):
    Activity.record(make_torrent(cast.account), Happened.READY)
    read_events()
    with django_assert_num_queries(2):
        read_events()


def test_events_that_appear_in_a_gap_are_told(cast):
    torrents = [make_torrent(cast.account, name) for name in "ABC"]
    events = [Activity.record(torrent, Happened.READY) for torrent in torrents]
    late = events[1]
    Activity.objects.filter(pk=late.pk).delete()
    assert read_events() == 2
    (gap,) = Cursor.objects.get(name=NAME).gaps
    assert gap[:2] == [late.pk, late.pk]
    late.save(force_insert=True)
    assert read_events() == 1
    assert Cursor.objects.get(name=NAME).gaps == []


def test_gaps_are_forgotten_after_a_while(cast, clock):
    events = [Activity.record(make_torrent(cast.account, name), Happened.READY) for name in "AB"]
    events[0].delete()
    read_events()
    assert Cursor.objects.get(name=NAME).gaps
    clock.shift(gaps.KEPT_FOR + timedelta(seconds=1))
    read_events()
    assert Cursor.objects.get(name=NAME).gaps == []


def test_gaps_that_are_too_many_become_fewer_and_still_cover_all_keys():
    now = timezone.now()
    many = [Gap(10 * number, 10 * number + 3, now) for number in range(3 * gaps.MAX_GAPS)]
    kept = gaps.load(gaps.dump(many))
    assert len(kept) <= gaps.MAX_GAPS
    assert all(any(one.first <= gap.first and gap.last <= one.last for one in kept) for gap in many)


def test_what_remains_of_a_gap_lacks_the_keys_that_were_read():
    gap = Gap(3, 9, timezone.now())
    assert [part[:2] for part in gap.without([1, 3, 5, 6, 9, 12])] == [(4, 4), (7, 8)]
    assert list(gap.without([1, 12])) == [gap]
    assert not list(gap.without(range(20)))


class Killed(BaseException):
    """Not an error that anything catches."""


class Death:
    """Kill the process at a statement of SQL: neither that one nor any later one is executed."""

    def __init__(self, at: str) -> None:
        self.at, self.dead = at, False

    def __call__(self, execute, sql, params, many, context):
        self.dead = self.dead or sql.startswith(self.at)
        if self.dead:
            raise Killed
        return execute(sql, params, many, context)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "at", ['SELECT "notifications_delivery"', 'UPDATE "notifications_cursor" SET "position"']
)
def test_a_worker_that_dies_halfway_leaves_nothing_half_done(cast, clock, at):
    make_channel(cast.member)
    Activity.record(make_torrent(cast.account, added_by=cast.member), Happened.READY)
    position = Cursor.objects.get(name=NAME).position
    with pytest.raises(Killed), connection.execute_wrapper(Death(at)):
        read_events()
    assert not Notification.objects.exists() and Cursor.objects.get(name=NAME).position == position
    assert read_events() == 0  # The dead worker's lease lasts a little.
    clock.shift(TERM + timedelta(seconds=1))
    assert read_events() == 1 and Delivery.objects.count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("tell", [read_events, look_at_states])
def test_a_torrent_that_is_deleted_at_this_moment_stops_nothing(cast, tell):
    """The deletion is part of the transaction that fails, so afterwards the torrent is back."""
    torrent = make_torrent(cast.account, removal_at=timezone.now() + timedelta(days=1))
    Activity.record(torrent, Happened.READY)

    def delete(execute, sql, params, many, context):
        if sql.startswith("SELECT MAX("):
            with connection.cursor() as cursor:
                cursor.execute("DELETE FROM torrents_torrent")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(delete):
        assert tell() == 0
    assert tell() == 1


def test_a_torrent_is_told_when_the_list_says_that_it_is_ready(cast, sim):
    add(person=cast.member, account=cast.account, new_torrents=[FILM], options=Options())
    sim.control.seed(torrents=[{"key": cast.key, "state": "completed", "hash": FILM.magnet.info_hash}])
    assert refreshing.refresh(cast.account, fresh=True)
    read_events()
    assert [note.kind for note in Notification.objects.filter(person=cast.member)] == [Kind.READY]


@pytest.mark.django_db(transaction=True)
def test_two_workers_tell_each_thing_once(cast):
    make_channel(cast.owner)
    torrents = [make_torrent(cast.account, f"T {number}", file_count=0) for number in range(20)]
    Activity.record_many(Activity.about(torrent, Happened.READY) for torrent in torrents)
    race(read_events, times=4)
    while read_events():
        pass
    assert Notification.objects.count() == Delivery.objects.count() == 20


@pytest.mark.skipif(STACK != "postgres", reason="SQLite has one writer at a time")
@pytest.mark.django_db(transaction=True)
def test_an_event_that_is_committed_after_later_ones_is_told(cast):
    slow, quick = (make_torrent(cast.account, name) for name in "AB")
    written, to_commit = threading.Event(), threading.Event()

    def record_slowly():
        try:
            with transaction.atomic():
                Activity.record(slow, Happened.READY)
                written.set()
                to_commit.wait(30)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        recording = pool.submit(record_slowly)
        assert written.wait(30)
        Activity.record(quick, Happened.READY)
        assert read_events() == 1 and Notification.objects.get().torrent == quick
        to_commit.set()
        recording.result()
    assert read_events() == 1 and read_events() == 0
    assert Cursor.objects.get(name=NAME).gaps == []
