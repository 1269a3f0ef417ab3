"""A restored instance finds out what happened at TorBox since the backup, and sends nothing twice."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone

from accounts.models import TorBoxAccount
from care.backups import restore, write_backup
from notifications.models import Cursor, Delivery, Notification
from notifications.services.event_reader import read_events
from notifications.services.leases import leased
from notifications.services.publishing import publish
from tests.factories import make_cast, make_hash, make_torrent
from tests.notifications.drafts import draft, make_channel, start_cursor
from torbox.magnets import Magnet
from torrents import tasks
from torrents.models import Activity, AddRequest, ControlRequest, RequestState, Torrent
from torrents.services.actions import controlling
from torrents.services.actions.adding import NewTorrent, Options, add
from torrents.services.outbox import controls, sending
from torrents.services.sync import refreshing

pytestmark = pytest.mark.django_db(transaction=True)
BEFORE, WHILE_SENT, AFTER = "asked for before", "being sent", "never sent"


@pytest.fixture
def cast(sim, key):
    sim.control.options(meta_seconds=0, download_seconds=5000)
    sim.control.account(key, additional_slots=90)
    return make_cast(key)


@pytest.fixture
def go_on(sim, time_machine):
    """Run beat and worker for a number of seconds."""
    sim.control.freeze()
    time_machine.move_to(timezone.now(), tick=False)

    def work(seconds: int) -> None:
        for _ in range(0, seconds, 30):
            time_machine.shift(timedelta(seconds=30))
            sim.control.advance(30)
            for account_id in refreshing.due_account_ids():
                tasks.refresh_account(account_id)
            for account_id in sending.account_ids_with_due():
                tasks.send_adds(account_id)
            for account_id in controls.account_ids_with_due():
                tasks.send_controls(account_id)

    return work


def paste(cast, *names: str) -> None:
    new_torrents = [NewTorrent(Magnet(make_hash(name), name)) for name in names]
    add(person=cast.owner, account=cast.account, new_torrents=new_torrents, options=Options())


def backed_up() -> io.BytesIO:
    file = io.BytesIO()
    write_backup(file)
    return file


def test_adds_sent_since_the_backup_are_found_and_others_are_sent_once(cast, sim, go_on):
    """One add is sent after the backup, one is claimed during it, and one isn't sent before the restore."""
    paste(cast, BEFORE, WHILE_SENT, AFTER)
    claimed = AddRequest.objects.get(torrent__info_hash=make_hash(WHILE_SENT))
    assert claimed.claim(expecting=RequestState.WAITING)
    backup = backed_up()
    AddRequest.objects.filter(pk=claimed.pk).update(state=RequestState.WAITING)
    Torrent.objects.filter(info_hash=make_hash(AFTER)).delete()
    go_on(30)
    assert set(sim.control.accepted(cast.key)) == {make_hash(BEFORE), make_hash(WHILE_SENT)}
    restore(backup, replace=True)
    go_on(settings.SETTLE_SECONDS + 120)
    assert sim.control.accepted(cast.key) == {make_hash(n): 1 for n in (BEFORE, WHILE_SENT, AFTER)}
    assert not sim.control.repeated(cast.key) and sim.control.count("createtorrent", cast.key) == 3
    assert not AddRequest.objects.exclude(state=RequestState.DONE).exists()
    assert not Torrent.objects.filter(remote_id=None, queued_id=None).exists()


def test_torrents_added_after_the_backup_return_with_the_list(cast, sim, go_on):
    backup = backed_up()
    paste(cast, "later")
    go_on(60)
    restore(backup, replace=True)
    assert not Torrent.objects.exists()
    go_on(60)
    assert Torrent.objects.get().info_hash == make_hash("later")


def test_torrents_deleted_after_the_backup_are_gone_and_not_added_again(cast, sim, go_on):
    paste(cast, "deleted")
    go_on(60)
    backup = backed_up()
    controlling.remove(person=cast.owner, torrents=list(Torrent.objects.all()))
    go_on(60)
    restore(backup, replace=True)
    go_on(3000)
    assert Torrent.objects.get().status == "gone" and sim.control.count("createtorrent", cast.key) == 1


def test_repeating_an_operation_done_since_the_backup_is_harmless(cast, sim, go_on):
    paste(cast, "film")
    go_on(60)
    controlling.control(person=cast.owner, torrents=list(Torrent.objects.all()), operation="pause")
    backup = backed_up()
    go_on(60)
    restore(backup, replace=True)
    go_on(60)
    assert Torrent.objects.get().status == "paused"
    assert not ControlRequest.objects.exclude(state=RequestState.DONE).exists()


def test_old_leases_block_nothing_and_open_pages_notice_the_restore(cast, go_on):
    cast.account.take_lease("send")
    cast.account.take_lease("refresh")
    backup = backed_up()
    revision = TorBoxAccount.objects.get().revision
    restore(backup, replace=True)
    account = TorBoxAccount.objects.get()
    assert account.take_lease("send") and account.take_lease("refresh")
    assert account.revision > revision + 1000 and account.next_refresh_at <= timezone.now()


def test_messages_that_may_have_been_sent_since_are_dropped(cast):
    channel = make_channel(cast.owner)
    publish([draft(cast.owner), draft(cast.owner), draft(cast.owner)])
    for state, row in zip(["waiting", "sending", "sent"], Delivery.objects.order_by("pk"), strict=True):
        Delivery.objects.filter(pk=row.pk).update(state=state)
    restore(backed_up(), replace=True)
    states = channel.deliveries.order_by("pk").values_list("state", flat=True)
    assert list(states) == ["dropped", "dropped", "sent"]
    assert Notification.objects.in_bell(cast.owner).count() == 3


def test_events_after_a_restore_are_told_though_the_backup_had_read_further(cast):
    torrent = make_torrent(cast.account)
    start_cursor(cast.account)
    Activity.record(torrent, Activity.Kind.READY)
    with leased("events"):
        assert read_events() == 0  # Another worker reads.
        Cursor.objects.filter(name="events").update(
            position=10**6, gaps=[[1, 2, "2026-01-01T00:00:00+00:00"]]
        )
        backup = backed_up()
    restore(backup, replace=True)
    assert read_events() == 0
    Activity.record(Torrent.objects.get(), Activity.Kind.FAILED)
    assert read_events() == 1


def test_events_of_a_backup_without_a_cursor_tell_nothing_if_they_are_old(cast):
    torrent = make_torrent(cast.account)
    Activity.record(torrent, Activity.Kind.READY)
    Activity.objects.update(at=timezone.now() - timedelta(days=300))
    Cursor.objects.all().delete()
    restore(backed_up(), replace=True)
    assert read_events() == 0
    Activity.record(Torrent.objects.get(), Activity.Kind.FAILED)
    assert read_events() == 1
