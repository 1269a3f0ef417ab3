"""Pause, resume, reannounce, stop seeding, start, delete: recorded, sent, and reported."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from tests.factories import make_torrent
from torrents.models import Activity, ControlRequest, RequestState, Torrent
from torrents.pages.list.row_text import note, quiet_line
from torrents.services.outbox import controls
from torrents.states import Status


def press(client, row, operation: str):
    return client.post(reverse("torrents:control", args=[row.pk, operation]))


def carry_out(cast, row: Torrent) -> Torrent:
    ControlRequest.objects.update(due_at=timezone.now() - timedelta(seconds=1))
    controls.send_due(cast.account.pk)
    row.refresh_from_db()
    return row


def test_pause_is_shown_as_pending_at_once_and_done_by_the_worker(cast, at_torbox, sign_in):
    row, client = at_torbox("downloading", download_seconds=1000), sign_in(cast.owner)
    press(client, row, "pause")
    row.refresh_from_db()
    assert note(row) == "Pausing…"
    assert carry_out(cast, row).status == Status.PAUSED and not row.pending


def test_resume_continues_the_download(cast, at_torbox, sign_in):
    row = at_torbox("paused")
    press(sign_in(cast.owner), row, "resume")
    assert carry_out(cast, row).is_moving


def test_stop_seeding_frees_the_slot_and_keeps_the_data(cast, at_torbox, sign_in):
    row = at_torbox("seeding", seed=2)
    press(sign_in(cast.owner), row, "stop_seeding")
    carry_out(cast, row)
    assert row.downloadable and not row.active


def test_reannounce_reaches_torbox_and_is_recorded(cast, at_torbox, sim, sign_in):
    row = at_torbox("stalled")
    press(sign_in(cast.owner), row, "reannounce")
    carry_out(cast, row)
    assert sim.control.count("controltorrent", cast.key) == 1
    assert Activity.objects.get(kind=Activity.Kind.CONTROLLED).code == "reannounce"


def test_a_queued_torrent_can_be_started(cast, at_torbox, sim, sign_in):
    row = at_torbox("queued")
    press(sign_in(cast.owner), row, "start")
    carry_out(cast, row)
    assert sim.control.count("controlqueued", cast.key) == 1


def test_an_unknown_operation_does_not_exist(cast, at_torbox, sign_in):
    assert press(sign_in(cast.owner), at_torbox("completed"), "explode").status_code == 404


def test_an_operation_in_an_outage_is_done_when_torbox_is_back(cast, at_torbox, sim, sign_in):
    row = at_torbox("downloading", download_seconds=1000)
    press(sign_in(cast.owner), row, "pause")
    sim.stop()
    assert carry_out(cast, row).pending == "pause"
    sim.restart()
    assert carry_out(cast, row).status == Status.PAUSED


def test_a_refusal_is_shown_in_torbox_s_words(cast, at_torbox, sim, sign_in):
    row = at_torbox("stalled")
    body = {"success": False, "error": "INVALID_OPTION", "detail": "Not for this one.", "data": None}
    sim.control.fail("controltorrent", kind="status", status=400, body=body)
    press(sign_in(cast.owner), row, "reannounce")
    carry_out(cast, row)
    assert "Not for this one." in quiet_line(row) and not row.pending


def test_deleting_asks_first_and_removes_the_row_at_once(cast, at_torbox, sim, sign_in):
    row, client = at_torbox("completed"), sign_in(cast.owner)
    url = reverse("torrents:remove", args=[row.pk])
    question = client.get(url).content.decode()
    assert row.name in question and "undo" in question
    client.post(url)
    assert row.name not in client.get(reverse("torrents:list")).content.decode().split("toast")[0]
    assert sim.control.count("controltorrent", cast.key) == 0, "there is time to undo"
    carry_out(cast, row)
    assert not any(account["torrents"] for account in sim.control.state()["accounts"])


def test_undo_restores_the_row_without_calling_torbox(cast, at_torbox, sim, sign_in):
    row, client = at_torbox("completed"), sign_in(cast.owner)
    client.post(reverse("torrents:remove", args=[row.pk]))
    client.post(reverse("torrents:restore", args=[row.pk]))
    carry_out(cast, row)
    assert row.removed_at is None and sim.control.count("controltorrent", cast.key) == 0


def test_undo_comes_too_late_when_torbox_has_deleted_it(cast, at_torbox, sign_in):
    row, client = at_torbox("completed"), sign_in(cast.owner)
    client.post(reverse("torrents:remove", args=[row.pk]))
    carry_out(cast, row)
    client.post(reverse("torrents:restore", args=[row.pk]))
    row.refresh_from_db()
    assert row.removed_at


def test_deleting_an_unsent_torrent_cancels_it(cast, sim, sign_in):
    row = make_torrent(cast.account, status=Status.WAITING, remote_id=None)
    sign_in(cast.owner).post(reverse("torrents:remove", args=[row.pk]))
    carry_out(cast, row)
    assert ControlRequest.objects.get().state == RequestState.DONE
    assert sim.control.count() == 0


def test_operations_on_several_skip_torrents_the_user_may_not_change(cast, at_torbox, sign_in):
    mine = at_torbox("stalled", hash="1" * 40)
    other = make_torrent(cast.account, "somebody else's", remote_id=99)
    Torrent.objects.filter(pk=mine.pk).update(added_by=cast.member)
    ids = [mine.pk, other.pk, 999999, "x"]
    sign_in(cast.member).post(reverse("torrents:bulk"), {"ids": ids, "action": "pause"})
    assert list(ControlRequest.objects.values_list("torrent_id", flat=True)) == [mine.pk]


def test_several_are_deleted_after_one_confirmation(cast, at_torbox, sign_in):
    rows = [at_torbox("completed", hash=digit * 40) for digit in "12"]
    client, url = sign_in(cast.owner), reverse("torrents:bulk")
    ids = [row.pk for row in rows]
    assert "Delete 2 torrents?" in client.post(url, {"ids": ids, "action": "ask-delete"}).content.decode()
    client.post(url, {"ids": ids, "action": "delete"})
    assert not Torrent.objects.listed().exists()


def test_several_are_restored_with_one_undo(cast, at_torbox, sign_in):
    rows = [at_torbox("completed", hash=digit * 40) for digit in "12"]
    client = sign_in(cast.owner)
    data = {"ids": [row.pk for row in rows], "action": "delete"}
    answer = client.post(reverse("torrents:bulk"), data, headers={"HX-Request": "true"})
    (toast,) = json.loads(answer["HX-Trigger"])["toast"]["items"]
    assert toast["text"] == "Deleted 2 torrents."
    client.post(toast["undo"])
    assert Torrent.objects.listed().count() == 2


def test_an_operation_on_all_is_one_call(cast, at_torbox, sim, sign_in):
    first = at_torbox("downloading", hash="1" * 40, download_seconds=5000)
    second = at_torbox("downloading", hash="2" * 40, download_seconds=5000)
    url = reverse("torrents:everything")
    sign_in(cast.owner).post(url, {"operation": "pause", "account": cast.account.pk})
    assert sim.control.count("controltorrent", cast.key) == 1
    for row in (first, second):
        row.refresh_from_db()
        assert row.status == Status.PAUSED


def test_deleting_all_requires_the_name_of_the_account(cast, at_torbox, sim, sign_in):
    at_torbox("completed")
    client, url = sign_in(cast.owner), reverse("torrents:everything")
    client.post(url, {"operation": "delete", "account": cast.account.pk, "confirm": "yes"})
    assert sim.control.count("controltorrent", cast.key) == 0
    client.post(url, {"operation": "delete", "account": cast.account.pk, "confirm": cast.account.label})
    assert sim.control.count("controltorrent", cast.key) == 1


@pytest.mark.parametrize("status", [Status.FAILED, Status.GONE])
def test_ended_torrents_can_be_removed_from_the_list(cast, sign_in, status):
    row = make_torrent(cast.account, status=status, remote_id=None)
    sign_in(cast.owner).post(reverse("torrents:clear", args=[row.pk]))
    assert not Torrent.objects.exists()
