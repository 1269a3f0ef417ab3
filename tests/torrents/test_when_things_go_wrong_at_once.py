"""A worker that dies, a torrent that TorBox chokes on, an answer with something twice: nothing else suffers."""

from __future__ import annotations

from datetime import timedelta

from django.urls import reverse
from django.utils import timezone

from tests.factories import make_account, make_hash, make_key
from torbox.magnets import Magnet
from torrents.models import AddRequest, ControlRequest, RequestState, Torrent
from torrents.pages.list.row_text import quiet_line
from torrents.services.actions import adding, controlling
from torrents.services.actions.adding import NewTorrent, Options, add
from torrents.services.outbox import controls, sending
from torrents.services.sync import refreshing
from torrents.states import Status


def paste(cast, *names: str) -> None:
    new_torrents = [
        NewTorrent(Magnet(make_hash(name), name, ("udp://tracker.example.org:6969",))) for name in names
    ]
    add(person=cast.owner, account=cast.account, new_torrents=new_torrents, options=Options())


def test_a_worker_that_died_after_its_call_arrived_does_not_send_again(cast, sim):
    paste(cast, "film")
    AddRequest.objects.get().claim(expecting=RequestState.WAITING)
    sim.control.seed(torrents=[{"key": cast.key, "hash": make_hash("film"), "state": "downloading"}])
    AddRequest.objects.update(claimed_at=timezone.now() - timedelta(hours=1))
    sending.send_due(cast.account.pk)
    assert sim.control.count("createtorrent", cast.key) == 0
    assert AddRequest.objects.get().state == RequestState.DONE


def test_a_torrent_that_torbox_chokes_on_does_not_hold_up_the_others(cast, sim):
    paste(cast, "bad", "good")
    sim.control.fail("createtorrent", kind="500_envelope")
    sending.send_due(cast.account.pk)
    assert len(sim.control.accepted(cast.key)) == 1


def test_sending_goes_on_without_knowing_what_is_cached(cast, sim):
    paste(cast, "film")
    sim.control.fail("checkcached", kind="429", times=9)
    sending.send_due(cast.account.pk)
    assert Torrent.objects.get().remote_id


def test_a_plan_that_cannot_be_read_does_not_stop_the_list(cast, sim):
    type(cast.account).objects.update(plan_read_at=None)
    cast.account.refresh_from_db()
    sim.control.seed(torrents=[{"key": cast.key, "hash": make_hash("film"), "state": "completed"}])
    sim.control.fail("me", kind="500_envelope", times=9)
    assert refreshing.refresh(cast.account, fresh=True)
    assert Torrent.objects.get().status == Status.READY


def test_pausing_what_is_queued_is_refused_with_a_sentence_and_stops_nothing(cast, at_torbox, sim):
    queued = at_torbox("queued", hash="1" * 40)
    moving = at_torbox("downloading", hash="2" * 40, download_seconds=9000)
    controlling.control(person=cast.owner, torrents=[queued, moving], operation="pause")
    controls.send_due(cast.account.pk)
    queued.refresh_from_db(), moving.refresh_from_db()
    assert "only be started or deleted" in quiet_line(queued) and not queued.pending
    assert moving.status == Status.PAUSED


def test_starting_what_has_started_is_done(cast, at_torbox, sim):
    row = at_torbox("downloading", download_seconds=9000)
    controlling.control(person=cast.owner, torrents=[row], operation="start")
    controls.send_due(cast.account.pk)
    assert ControlRequest.objects.get().state == RequestState.DONE


def test_trying_again_sends_the_magnet_as_it_was_pasted(cast, sim):
    paste(cast, "film")
    row = Torrent.objects.get()
    Torrent.objects.update(status=Status.FAILED)
    row.refresh_from_db()
    adding.add_again(person=cast.owner, torrent=row)
    assert "tracker.example.org" in AddRequest.objects.get().magnet


def test_the_late_refusal_of_an_old_key_does_not_refuse_the_new_one(cast):
    old = type(cast.account).objects.get(pk=cast.account.pk)
    type(cast.account).objects.update(encrypted_key="another")
    old.mark_health("rejected", upstream_detail="Token is invalid.")
    cast.account.refresh_from_db()
    assert cast.account.health == "ok"


def test_everything_at_once_never_acts_on_another_account_than_the_one_named(cast, sim, sign_in):
    elsewhere = make_account(cast.outsider, make_key("elsewhere"))
    data = {"account": elsewhere.pk, "operation": "pause"}
    assert sign_in(cast.owner).post(reverse("torrents:everything"), data).status_code == 404
    assert sim.control.count("controltorrent") == 0
