"""Delete, add again, undo, in any order and at any moment: the last request counts."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from tests.factories import let_waiting_end, make_hash
from torbox.magnets import Magnet
from torrents.models import AddRequest, ControlRequest, RequestState, Torrent
from torrents.services.actions import controlling
from torrents.services.actions.adding import NewTorrent, Options, add
from torrents.services.outbox import controls, sending
from torrents.states import Status


def paste(cast, name: str) -> Torrent:
    new_torrents = [NewTorrent(Magnet(make_hash(name), name))]
    add(person=cast.owner, account=cast.account, new_torrents=new_torrents, options=Options())
    return Torrent.objects.get(info_hash=make_hash(name))


def let_time_pass(cast) -> None:
    """Everything that waits is due, as often as it takes."""
    for _ in range(4):
        let_waiting_end(cast.account)
        sending.send_due(cast.account.pk)
        controls.send_due(cast.account.pk)


def at_torbox_now(sim, cast) -> dict[str, int]:
    """The ids by hash."""
    (account,) = (a for a in sim.control.state()["accounts"] if cast.key in a["keys"])
    return {row["hash"]: row["id"] for row in account["torrents"] + account["queue"]}


def test_pasting_what_was_just_deleted_takes_the_deletion_back(cast, sim):
    row = paste(cast, "film")
    sending.send_due(cast.account.pk)
    row.refresh_from_db()
    controlling.remove(person=cast.owner, torrents=[row])
    paste(cast, "film")
    let_time_pass(cast)
    row.refresh_from_db()
    assert row.removed_at is None and row.remote_id
    assert list(at_torbox_now(sim, cast)) == [row.info_hash]


def test_pasting_what_torbox_has_deleted_adds_it_anew(cast, sim):
    row = paste(cast, "film")
    sending.send_due(cast.account.pk)
    row.refresh_from_db()
    controlling.remove(person=cast.owner, torrents=[row])
    let_time_pass(cast)
    assert at_torbox_now(sim, cast) == {}
    paste(cast, "film")
    let_time_pass(cast)
    row.refresh_from_db()
    assert row.remote_id and list(at_torbox_now(sim, cast)) == [row.info_hash]


def test_a_deletion_that_was_being_carried_out_does_not_reach_what_was_added_since(cast, sim):
    row = paste(cast, "film")
    sending.send_due(cast.account.pk)
    row.refresh_from_db()
    controlling.remove(person=cast.owner, torrents=[row])
    ControlRequest.objects.get().claim(expecting=RequestState.WAITING)
    paste(cast, "film")
    ControlRequest.objects.update(claimed_at=timezone.now() - timedelta(hours=1))
    let_time_pass(cast)
    row.refresh_from_db()
    assert row.removed_at is None and row.remote_id
    assert list(at_torbox_now(sim, cast)) == [row.info_hash]


def test_deleting_what_may_or_may_not_have_been_sent_leaves_nothing_at_torbox(cast, sim):
    sim.control.fail("createtorrent", kind="drop", after=True)
    row = paste(cast, "film")
    sending.send_due(cast.account.pk)
    assert AddRequest.objects.get().state == RequestState.UNSURE
    controlling.remove(person=cast.owner, torrents=[row])
    let_time_pass(cast)
    assert at_torbox_now(sim, cast) == {}
    assert ControlRequest.objects.get().state == RequestState.DONE


def test_deleting_what_never_arrived_sends_nothing_more(cast, sim):
    sim.control.fail("createtorrent", kind="drop", after=False)
    row = paste(cast, "film")
    sending.send_due(cast.account.pk)
    controlling.remove(person=cast.owner, torrents=[row])
    let_time_pass(cast)
    assert sim.control.accepted(cast.key) == {}
    assert ControlRequest.objects.get().state == RequestState.DONE


def test_undoing_the_deletion_of_what_was_not_sent_sends_it(cast, sim):
    row = paste(cast, "film")
    controlling.remove(person=cast.owner, torrents=[row])
    sending.send_due(cast.account.pk)
    assert at_torbox_now(sim, cast) == {}
    controlling.restore([row])
    let_time_pass(cast)
    row.refresh_from_db()
    assert row.status != Status.WAITING and list(at_torbox_now(sim, cast)) == [row.info_hash]


def test_deleting_what_has_left_the_queue_since_the_last_look_deletes_it_under_its_new_id(
    cast, sim, at_torbox
):
    row = at_torbox("queued", hash="1" * 40)
    sim.control.advance(60)
    assert at_torbox_now(sim, cast)[row.info_hash] != row.queued_id
    controlling.remove(person=cast.owner, torrents=[row])
    let_time_pass(cast)
    assert at_torbox_now(sim, cast) == {}
    assert ControlRequest.objects.get().state == RequestState.DONE


def test_deleting_what_was_accepted_without_an_id_waits_until_the_list_tells_it(cast, sim):
    sim.control.options(null_create_data=True, fresh_lag_seconds=60)
    row = paste(cast, "film")
    sending.send_due(cast.account.pk)
    controlling.remove(person=cast.owner, torrents=[row])
    let_time_pass(cast)
    assert list(at_torbox_now(sim, cast)) == [row.info_hash]
    sim.control.advance(61)
    let_time_pass(cast)
    assert at_torbox_now(sim, cast) == {}
    assert ControlRequest.objects.get().state == RequestState.DONE


def test_starting_what_has_left_the_queue_by_itself_is_done(cast, sim, at_torbox):
    row = at_torbox("queued", hash="1" * 40)
    sim.control.advance(60)
    controlling.control(person=cast.owner, torrents=[row], operation="start")
    let_time_pass(cast)
    row.refresh_from_db()
    assert row.remote_id and not row.reason
    assert ControlRequest.objects.get().state == RequestState.DONE
