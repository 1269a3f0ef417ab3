"""A worker that stood still wakes up after others have taken over: it sends nothing, and writes nothing for them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

import torbox
from accounts.clients import client_for
from accounts.models import UpstreamCall
from tests.factories import make_hash, make_torrent
from torbox.magnets import Magnet
from torrents.models import AddRequest, ControlRequest, CreateCall, EditRequest, RequestState, Torrent
from torrents.reasons import Explanation, Reason
from torrents.services.actions import controlling, tagging
from torrents.services.actions.adding import NewTorrent, Options, add
from torrents.services.outbox import controls, edits, sending
from torrents.states import Status

MAGNET = Magnet(make_hash("A film"), "A film")


@pytest.fixture
def request_(cast) -> AddRequest:
    add(person=cast.owner, account=cast.account, new_torrents=[NewTorrent(MAGNET)], options=Options())
    return AddRequest.objects.select_related("torrent").get()


def test_a_call_whose_time_is_over_never_leaves(cast, sim):
    sim.control.reset_calls()
    over = torbox.boot_clock() - 1
    with client_for(cast.account) as client:
        with pytest.raises(torbox.NotSent):
            client.create_torrent(magnet=MAGNET.uri, not_after=over)
        with pytest.raises(torbox.NotSent):
            client.control_torrent("pause", torrent_id=1, not_after=over)
        with pytest.raises(torbox.NotSent):
            client.control_queued("start", queued_id=1, not_after=over)
        with pytest.raises(torbox.NotSent):
            client.edit_torrent(1, name="", tags=(), alternative_hashes=(), airlocked=False, not_after=over)
    assert not sim.control.calls()["total"] and not UpstreamCall.objects.exists()


def test_an_add_whose_claim_is_over_is_given_back_unsent(cast, sim, request_, settings):
    settings.LEASE_SECONDS = 0
    sending.send_due(cast.account.pk)
    request_.refresh_from_db()
    assert request_.state == RequestState.WAITING and not CreateCall.objects.exists()
    assert not sim.control.accepted(cast.key)


def test_a_control_whose_claim_is_over_is_given_back_unsent(cast, sim, settings):
    row = make_torrent(cast.account, status=Status.DOWNLOADING)
    controlling.control(person=cast.owner, torrents=[row], operation="pause")
    settings.LEASE_SECONDS = 0
    sim.control.reset_calls()
    controls.send_due(cast.account.pk)
    assert ControlRequest.objects.get().state == RequestState.WAITING
    assert not sim.control.count("controltorrent")


def test_an_edit_whose_claim_is_over_is_given_back_unsent(cast, at_torbox, sim, settings):
    tagging.tag(person=cast.owner, torrents=[at_torbox()], add=["ours"])
    settings.LEASE_SECONDS = 0
    edits.send_due(cast.account.pk)
    assert EditRequest.objects.get().state == RequestState.WAITING
    assert not sim.control.count("edittorrent")


def test_what_another_worker_took_over_is_theirs(cast, request_):
    mine, theirs = AddRequest.objects.get(), AddRequest.objects.get()
    assert mine.claim(expecting=RequestState.WAITING)
    AddRequest.objects.update(state=RequestState.WAITING, claimed_at=None)
    assert theirs.claim(expecting=RequestState.WAITING)
    assert not mine.finish() and not mine.put_back(timezone.now())
    assert theirs.finish()


def test_an_answer_that_comes_after_another_worker_took_over_changes_nothing(cast, request_):
    assert request_.claim(expecting=RequestState.WAITING)
    AddRequest.objects.update(state=RequestState.UNSURE, claimed_at=None, unsure_since=timezone.now())
    sending._accepted(cast.account, request_, torbox.Added(MAGNET.info_hash, 77, None, False, ""))
    row = Torrent.objects.get()
    assert row.status == Status.WAITING and row.remote_id is None
    assert AddRequest.objects.get().state == RequestState.UNSURE


def test_a_torrent_deleted_meanwhile_stays_deleted(cast, request_):
    assert request_.claim(expecting=RequestState.WAITING)
    AddRequest.objects.update(state=RequestState.FAILED, claimed_at=None)
    Torrent.objects.update(removed_at=timezone.now())
    sending._fail(cast.account, request_, Explanation(Reason.NOT_CACHED))
    row = Torrent.objects.get()
    assert row.removed_at and row.status == Status.WAITING and not row.reason


def test_a_list_that_shows_the_torrent_wins_over_a_look_that_did_not(cast, request_, settings):
    """Between reading an unsure request and putting it back, another read may find it."""
    settings.SETTLE_SECONDS = 0
    AddRequest.objects.update(state=RequestState.UNSURE, unsure_since=timezone.now() - timedelta(hours=1))
    seen_by_this_worker = AddRequest.objects.get()
    AddRequest.objects.update(state=RequestState.DONE)
    assert not seen_by_this_worker.put_back(timezone.now())
    assert AddRequest.objects.get().state == RequestState.DONE
