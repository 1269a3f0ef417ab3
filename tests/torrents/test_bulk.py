"""One press for many: done one after the other, reported per item, kept when TorBox does not answer."""

from __future__ import annotations

import json

import pytest
from django.urls import reverse

from tests.factories import let_waiting_end, make_torrent
from torrents.models import ControlRequest, RequestState, Torrent
from torrents.services import controlling
from torrents.states import Status

HTMX = {"HX-Request": "true"}


def press(client, rows, action: str):
    data = {"ids": [row.pk for row in rows], "action": action}
    return client.post(reverse("torrents:bulk"), data, headers=HTMX)


def toasts(client) -> list[dict[str, str]]:
    """What the page's next poll says."""
    answer = client.get(reverse("torrents:changes"), headers=HTMX)
    return json.loads(answer.headers.get("HX-Trigger", "{}")).get("toast", {}).get("items", [])


def carry_out(cast) -> None:
    let_waiting_end(cast.account)
    controlling.send_due(cast.account.pk)


@pytest.fixture
def moving(at_torbox):
    def make(number: int) -> list[Torrent]:
        return [
            at_torbox("downloading", hash=f"{n:040x}", download_seconds=9000) for n in range(1, number + 1)
        ]

    return make


def test_when_all_is_done_whoever_pressed_is_told_once(cast, moving, sign_in):
    rows, client = moving(4), sign_in(cast.owner)
    press(client, rows, "pause")
    assert toasts(client) == [], "not yet: it is only asked for"
    carry_out(cast)
    assert [toast["text"] for toast in toasts(client)] == ["Pause: all 4 done."]
    assert toasts(client) == []
    assert set(Torrent.objects.values_list("status", flat=True)) == {Status.PAUSED}


def test_one_that_failed_is_named_with_its_reason_and_the_others_are_done(cast, moving, sim, sign_in):
    rows, client = moving(4), sign_in(cast.owner)
    sim.control.remove(cast.key, rows[2].info_hash)
    press(client, rows, "pause")
    carry_out(cast)
    (toast,) = toasts(client)
    assert toast["text"] == "Pause: 3 of 4 done; 1: TorBox could not find it."
    assert toast["level"] == "warning"


def test_what_is_not_at_torbox_yet_is_counted_not_passed_over(cast, moving, sign_in):
    waiting = make_torrent(cast.account, "waiting", status=Status.WAITING, remote_id=None)
    client = sign_in(cast.owner)
    press(client, [*moving(2), waiting], "pause")
    carry_out(cast)
    assert [toast["text"] for toast in toasts(client)] == ["Pause: 2 of 3 done; 1: it is not at TorBox yet."]


def test_others_are_not_told_of_it(cast, moving, sign_in):
    press(sign_in(cast.owner), moving(2), "pause")
    carry_out(cast)
    assert toasts(sign_in(cast.viewer)) == []


def test_a_page_without_script_says_it_too(cast, moving, sign_in):
    client = sign_in(cast.owner)
    client.post(reverse("torrents:bulk"), {"ids": [row.pk for row in moving(2)], "action": "pause"})
    carry_out(cast)
    assert "Pause: all 2 done." in client.get(reverse("torrents:list")).content.decode()


def test_in_an_outage_all_are_kept_and_torbox_is_asked_once(cast, moving, sim, sign_in):
    rows, client = moving(5), sign_in(cast.owner)
    press(client, rows, "pause")
    sim.stop()
    carry_out(cast)
    assert ControlRequest.objects.filter(state=RequestState.WAITING).count() == 5
    assert {row.note for row in Torrent.objects.all()} == {"Pausing…"}
    sim.restart()
    carry_out(cast)
    assert [toast["text"] for toast in toasts(client)] == ["Pause: all 5 done."]


def test_many_at_once_go_one_after_the_other_and_cost_one_look(cast, moving, sim, sign_in):
    rows = moving(18)
    press(sign_in(cast.owner), rows, "pause")
    sim.control.reset_calls()
    carry_out(cast)
    assert sim.control.count("controltorrent", cast.key) == 18
    assert sim.control.count("mylist", cast.key) == 1
    assert sim.control.most_at_once(cast.key) <= 3


def test_a_torrent_torbox_fails_with_does_not_end_the_round_for_good(cast, moving, sim, sign_in):
    rows, client = moving(3), sign_in(cast.owner)
    press(client, rows, "pause")
    sim.control.fail("controltorrent", kind="500_envelope")
    for _ in range(2):
        carry_out(cast)
    assert [toast["text"] for toast in toasts(client)] == ["Pause: all 3 done."]


def test_a_deletion_that_failed_brings_its_row_back_and_says_why(cast, moving, sim, sign_in):
    rows, client = moving(2), sign_in(cast.owner)
    press(client, rows, "delete")
    body = {"success": False, "error": "INVALID_OPTION", "detail": "Not this one.", "data": None}
    sim.control.fail("controltorrent", kind="status", status=400, body=body)
    carry_out(cast)
    assert [toast["text"] for toast in toasts(client)] == ["Delete: 1 of 2 done; 1: Not this one."]
    assert Torrent.objects.listed().count() == 1


def test_a_single_one_that_is_refused_is_told_too_and_stands_in_its_story(cast, moving, sim, sign_in):
    (row,), client = moving(1), sign_in(cast.owner)
    client.post(reverse("torrents:remove", args=[row.pk]), headers=HTMX)
    body = {"success": False, "error": "INVALID_OPTION", "detail": "Not this one.", "data": None}
    sim.control.fail("controltorrent", kind="status", status=400, body=body)
    carry_out(cast)
    assert [toast["text"] for toast in toasts(client)] == ["Delete: Not this one."]
    assert "Delete: Not this one." in client.get(row.get_absolute_url()).content.decode()
    assert toasts(client) == []


def test_a_single_one_that_went_well_shows_it_itself(cast, moving, sign_in):
    client = sign_in(cast.owner)
    press(client, moving(1), "pause")
    carry_out(cast)
    assert toasts(client) == []


def test_a_deletion_that_went_well_needs_no_second_word(cast, moving, sign_in):
    client = sign_in(cast.owner)
    press(client, moving(2), "delete")
    carry_out(cast)
    assert toasts(client) == []


def test_everything_is_deleted_from_torbox_s_queue_as_well(cast, moving, sim, at_torbox, sign_in):
    moving(1)
    at_torbox("queued", hash="f" * 40)
    data = {"operation": "delete", "account": cast.account.pk, "confirm": cast.account.label}
    sign_in(cast.owner).post(reverse("torrents:everything"), data)
    (account,) = (a for a in sim.control.state()["accounts"] if cast.key in a["keys"])
    assert account["torrents"] == account["queue"] == []


@pytest.mark.parametrize("operation", ["pause", "delete"])
def test_everything_at_once_is_kept_while_torbox_does_not_answer(cast, moving, sim, sign_in, operation):
    rows, client = moving(3), sign_in(cast.owner)
    sim.stop()
    data = {"operation": operation, "account": cast.account.pk, "confirm": cast.account.label}
    answer = client.post(reverse("torrents:everything"), data, follow=True)
    assert "it is kept and done as soon as it does" in answer.content.decode()
    sim.restart()
    carry_out(cast)
    assert ControlRequest.objects.filter(state=RequestState.DONE).count() == len(rows)


def test_start_now_shows_the_started_torrent_at_once(cast, at_torbox, sim, sign_in):
    sim.control.options(queue_seconds=86400)
    row = at_torbox("queued", hash="1" * 40)
    sign_in(cast.owner).post(reverse("torrents:control", args=[row.pk, "start"]))
    carry_out(cast)
    row.refresh_from_db()
    assert row.is_moving and row.remote_id and not row.pending
