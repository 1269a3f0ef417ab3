"""People are told about what lasts: once, for as long as it lasts, and not after it was solved."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Share, TorBoxAccount
from notifications.events import Kind
from notifications.models import Delivery, Notification, NotificationSettings
from notifications.services.choices import follow, mute
from notifications.services.state_scan import look_at_states
from tests.factories import make_account, make_key, make_torrent, make_user
from tests.notifications.drafts import draft, make_channel
from torrents.models import Activity, Torrent
from torrents.reasons import Reason
from torrents.states import Status

pytestmark = pytest.mark.django_db
Health = TorBoxAccount.Health


@pytest.fixture
def clock(time_machine):
    time_machine.move_to(timezone.now())
    return time_machine


def ago(**duration):
    return timezone.now() - timedelta(**duration)


def ahead(**duration):
    return timezone.now() + timedelta(**duration)


def open_notes(kind: str):
    return Notification.objects.filter(kind=kind, resolved_at=None)


def told(kind: str) -> list[str]:
    return sorted(open_notes(kind).values_list("person__username", flat=True))


def make_expiring(account, name="A film", **fields):
    return make_torrent(account, name, **{"removal_at": ahead(days=2), "file_count": 0} | fields)


def make_stalled(account, name="A film", hours=7, **fields):
    since = ago(hours=hours)
    torrent = make_torrent(account, name, status=Status.STALLED, status_since=since, file_count=0, **fields)
    Activity.objects.create(account=account, torrent=torrent, kind="stalled", at=since + timedelta(seconds=2))
    return torrent


def make_waiting(account, name="A film", reason=Reason.TORBOX_DOWN, hours=2, **fields):
    since = ago(hours=hours)
    fields = {"status": Status.WAITING, "remote_id": None, "added_at": since, "file_count": 0} | fields
    torrent = make_torrent(account, name, reason=reason, **fields)
    Activity.objects.create(account=account, torrent=torrent, kind="waited", code=reason, at=since)
    return torrent


# Stalled


def test_a_torrent_stalled_for_hours_is_told_once(cast):
    torrent = make_stalled(cast.account, added_by=cast.member)
    assert [look_at_states(), look_at_states()] == [1, 0]
    note = Notification.objects.get()
    assert (note.person, note.kind, note.torrent) == (cast.member, Kind.STALLED, torrent)
    assert note.params == {"since": torrent.status_since.isoformat()} and note.name == "A film"
    Torrent.objects.update(status_since=ago(hours=6.5))
    Activity.objects.update(at=ago(hours=6.4))
    assert look_at_states() == 1  # stalled another time


def test_people_say_after_how_many_hours(cast):
    make_stalled(cast.account, hours=3, added_by=cast.member)
    assert look_at_states() == 0
    NotificationSettings.objects.create(person=cast.member, stalled_hours=2)
    assert look_at_states() == 1
    NotificationSettings.objects.update(stalled_hours=48)
    make_stalled(cast.account, "B", hours=24, added_by=cast.member)
    make_stalled(cast.account, "C", hours=24, added_by=cast.owner)
    assert look_at_states() == 1


def test_a_torrent_that_was_stalled_when_it_was_first_seen_tells_nothing(cast):
    make_stalled(cast.account)
    Activity.objects.all().delete()
    assert look_at_states() == 0


# Expiring


def test_a_torrent_that_expires_soon_needs_attention(cast):
    torrent = make_expiring(cast.account, added_by=cast.member, removal_estimated=True, taken_at=ago(days=28))
    make_expiring(cast.account, "later", added_by=cast.member, removal_at=ahead(days=3.5))
    assert [look_at_states(), look_at_states()] == [1, 0]
    note = Notification.objects.get()
    assert (note.person, note.torrent, note.resolved_at) == (cast.member, torrent, None)
    assert note.params == {
        "at": torrent.removal_at.isoformat(),
        "estimated": True,
        "last_download": torrent.taken_at.isoformat(),
    }
    assert not Delivery.objects.exists()


@pytest.mark.parametrize(
    "change",
    [
        {"airlocked": True, "removal_at": None},
        {"removal_at": ahead(days=30)},
        {"status": Status.GONE},
        {"removed_at": timezone.now()},
    ],
)
def test_expiring_is_solved_when_it_is_kept_downloaded_gone_or_deleted(cast, change):
    make_expiring(cast.account)
    look_at_states()
    Torrent.objects.update(**change)
    assert look_at_states() == 0
    assert Notification.objects.get().resolved_at


def test_a_date_that_moves_by_hours_is_the_same_and_one_that_moves_by_days_is_new(cast):
    make_expiring(cast.account)
    look_at_states()
    Torrent.objects.update(removal_at=ahead(days=2, hours=20))
    assert look_at_states() == 0
    assert Notification.objects.get().params["at"] == Torrent.objects.get().removal_at.isoformat()
    Torrent.objects.update(removal_at=ahead(hours=12))
    assert look_at_states() == 1
    assert Notification.objects.count() == 2 and open_notes(Kind.EXPIRING).count() == 1


def test_expiring_concerns_those_whose_torrent_it_is(cast):
    torrent = make_expiring(cast.account, added_by=cast.member)
    follow(cast.viewer, torrent.pk)
    follow(cast.outsider, torrent.pk)
    look_at_states()
    assert told(Kind.EXPIRING) == ["member", "viewer"]
    mute(cast.member, torrent.pk)
    Share.objects.filter(user=cast.viewer).delete()
    look_at_states()
    assert told(Kind.EXPIRING) == []


def test_what_is_solved_only_for_a_while_is_reopened_and_not_told_again(cast):
    make_channel(cast.owner)
    torrent = make_expiring(cast.account)
    look_at_states()
    Torrent.objects.update(removal_at=None)
    look_at_states()
    Torrent.objects.update(removal_at=torrent.removal_at)
    assert look_at_states() == 0 and open_notes(Kind.EXPIRING).count() == 1


# Waiting


@pytest.mark.parametrize(
    "reason",
    [Reason.KEY_REJECTED, Reason.TORBOX_DOWN, Reason.MONTH_USED_UP, Reason.THROTTLED, Reason.HOURLY_LIMIT],
)
def test_adds_that_wait_for_more_than_an_hour_need_attention(cast, reason):
    oldest = make_waiting(cast.account, reason=reason, hours=3, added_by=cast.member)
    make_waiting(cast.account, "B", reason=reason, added_by=cast.member)
    make_waiting(cast.account, "new", reason=reason, hours=0.5, added_by=cast.member)
    assert [look_at_states(), look_at_states()] == [1, 0]
    note = Notification.objects.get()
    assert (note.person, note.account, note.torrent) == (cast.member, cast.account, None)
    assert note.params == {"count": 2, "reason": reason}
    assert note.source == f"waiting:{cast.account.pk}:{cast.member.pk}:{oldest.added_at.isoformat()}"


@pytest.mark.parametrize("reason", [Reason.NO_SLOT, Reason.QUEUE_FULL, ""])
def test_adds_that_wait_for_a_slot_need_none(cast, reason):
    make_waiting(cast.account, reason=reason, hours=30, added_by=cast.member)
    assert look_at_states() == 0


def test_a_wait_counts_from_when_it_was_no_longer_for_a_slot(cast, clock):
    torrent = make_waiting(cast.account, reason=Reason.NO_SLOT, hours=30, added_by=cast.member)
    Torrent.objects.update(reason=Reason.TORBOX_DOWN)
    Activity.record(torrent, "waited", code=Reason.TORBOX_DOWN)
    assert look_at_states() == 0
    clock.shift(timedelta(minutes=40))
    Torrent.objects.update(reason=Reason.KEY_REJECTED)
    Activity.record(torrent, "waited", code=Reason.KEY_REJECTED)
    assert look_at_states() == 0
    clock.shift(timedelta(minutes=21))
    assert look_at_states() == 1


def test_the_number_of_waiting_adds_is_kept_up_to_date_until_all_are_sent(cast):
    first = make_waiting(cast.account, hours=3, added_by=cast.member)
    look_at_states()
    make_waiting(cast.account, "B", added_by=cast.member)
    make_waiting(cast.account, "C", added_by=cast.member)
    assert look_at_states() == 0 and Notification.objects.get().params["count"] == 3
    Torrent.objects.filter(pk=first.pk).update(status=Status.QUEUED)
    assert look_at_states() == 0 and Notification.objects.get().params["count"] == 2
    Torrent.objects.update(status=Status.QUEUED)
    assert look_at_states() == 0 and Notification.objects.get().resolved_at


def test_waiting_adds_of_several_people_are_told_to_each(cast):
    for person in (cast.owner, cast.member, cast.outsider):
        make_waiting(cast.account, f"of {person}", added_by=person)
    muted = make_waiting(cast.account, "muted", added_by=cast.viewer)
    mute(cast.viewer, muted.pk)
    look_at_states()
    assert told(Kind.WAITING) == ["member", "owner"]


# Keys, plans, and channels


@pytest.mark.parametrize(
    ("health", "kind"), [(Health.REJECTED, Kind.KEY_REJECTED), (Health.UNREADABLE, Kind.KEY_UNREADABLE)]
)
def test_trouble_with_a_key_is_told_to_the_owner_of_the_account(cast, health, kind):
    make_waiting(cast.account, added_by=cast.member, hours=0)
    cast.account.mark_health(health)
    assert [look_at_states(), look_at_states()] == [1, 0]
    note = Notification.objects.get()
    assert (note.person, note.kind, note.params) == (cast.owner, kind, {"waiting": 1})
    make_waiting(cast.account, "B", added_by=cast.member, hours=0)
    assert look_at_states() == 0 and Notification.objects.get().params == {"waiting": 2}
    cast.account.mark_health(Health.OK)
    assert look_at_states() == 0 and Notification.objects.get().resolved_at
    cast.account.mark_health(health)
    assert look_at_states() == 1


def test_an_outage_is_no_trouble_with_the_key(cast):
    cast.account.mark_health(Health.UNREACHABLE)
    assert look_at_states() == 0


def test_a_plan_that_ends_within_a_week_is_told_until_it_is_renewed(cast):
    ends = ahead(days=8)
    TorBoxAccount.objects.update(premium_expires_at=ends)
    assert look_at_states() == 0
    ends = ahead(days=6)
    TorBoxAccount.objects.update(premium_expires_at=ends)
    assert [look_at_states(), look_at_states()] == [1, 0]
    note = Notification.objects.get()
    assert (note.person, note.params) == (cast.owner, {"at": ends.isoformat()})
    TorBoxAccount.objects.update(premium_expires_at=ahead(days=36))
    assert look_at_states() == 0 and Notification.objects.get().resolved_at


def test_a_plan_that_ended_long_ago_tells_nothing(cast):
    TorBoxAccount.objects.update(premium_expires_at=ago(days=200))
    assert look_at_states() == 0


def test_a_channel_that_fails_for_minutes_is_told_to_its_maker_in_the_bell_alone(cast):
    channel = make_channel(cast.member, failing_since=ago(minutes=5), trouble="timeout")
    make_channel(cast.member)
    assert look_at_states() == 0
    channel.failing_since = ago(minutes=11)
    channel.save()
    assert [look_at_states(), look_at_states()] == [1, 0]
    note = Notification.objects.get()
    assert (note.person, note.channel, note.in_bell) == (cast.member, channel, True)
    assert note.params == {"since": channel.failing_since.isoformat(), "trouble": "timeout"}
    assert not Delivery.objects.exists()
    channel.failing_since = None
    channel.save()
    look_at_states()
    assert Notification.objects.get().resolved_at
    channel.delete()
    assert not Notification.objects.exists()


def test_a_channel_that_lost_a_message_is_told_at_once(cast):
    channel = make_channel(cast.owner, failing_since=ago(minutes=1), trouble="refused")
    about = {"channel": channel, "person": cast.owner}
    Delivery.objects.create(**about, source="old", state="given_up", ended_at=ago(days=3))
    assert look_at_states() == 0
    Delivery.objects.create(**about, source="new", state="given_up", ended_at=timezone.now())
    assert look_at_states() == 1


def test_suspended_people_are_told_about_no_state(cast):
    make_expiring(cast.account)
    make_stalled(cast.account, "B")
    make_waiting(cast.account, "C", added_by=cast.owner)
    make_channel(cast.owner, failing_since=ago(hours=1))
    TorBoxAccount.objects.update(health=Health.REJECTED, premium_expires_at=ahead(days=2))
    cast.owner.is_active = False
    cast.owner.save()
    assert look_at_states() == 0


def test_what_a_person_was_told_otherwise_stays_as_it_is(cast):
    note = draft(cast.owner, Kind.READY)
    note.save()
    look_at_states()
    note.refresh_from_db()
    assert note.resolved_at is None


def test_ten_thousand_torrents_on_several_accounts_take_few_queries(cast):
    others = [make_account(make_user(f"person {n}"), make_key(f"many {n}"), label=f"{n}") for n in range(3)]
    accounts = [cast.account, *others]
    soon = ahead(days=2)
    Torrent.objects.bulk_create(
        Torrent(
            account=accounts[n % 4],
            info_hash=f"{n:040x}",
            name=f"T {n}",
            sort_name=f"t {n}",
            status=Status.READY if n % 2 else Status.STALLED,
            status_since=ago(days=1),
            removal_at=soon if n % 10 == 1 else None,
        )
        for n in range(10_000)
    )
    with CaptureQueriesContext(connection) as first:
        assert look_at_states() == 1000
    with CaptureQueriesContext(connection) as again:
        assert look_at_states() == 0
    assert len(first) < 80 and len(again) < 40
