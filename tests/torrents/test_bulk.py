"""Operations on several torrents: sent one by one, reported together, kept while TorBox is down."""

from __future__ import annotations

import json

import pytest
from django.urls import reverse

from tests.factories import let_waiting_end, make_torrent
from torrents.models import ControlRequest, RequestState, Torrent
from torrents.operations import DELETE, EDITS, OPERATIONS
from torrents.pages.list import bulk_text
from torrents.pages.list.row_text import note
from torrents.pages.url_cache import detail_url
from torrents.reason_text import COULD_NOT
from torrents.services.outbox import controls
from torrents.states import Status

HTMX = {"HX-Request": "true"}


def press(client, rows, action: str):
    data = {"ids": [row.pk for row in rows], "action": action}
    return client.post(reverse("torrents:bulk"), data, headers=HTMX)


def toasts(client) -> list[dict[str, str]]:
    """Return the toasts of the page's next poll."""
    answer = client.get(reverse("torrents:changes"), headers=HTMX)
    return json.loads(answer.headers.get("HX-Trigger", "{}")).get("toast", {}).get("items", [])


def carry_out(cast) -> None:
    let_waiting_end(cast.account)
    controls.send_due(cast.account.pk)


def test_every_operation_has_its_sentences():
    assert bulk_text.STARTED.keys() == OPERATIONS.keys()
    for sentences in (bulk_text.ENDED_IN_PART, COULD_NOT):
        assert sentences.keys() == {*OPERATIONS, *EDITS}
    assert bulk_text.ENDED.keys() == OPERATIONS.keys() - {DELETE}, "a deletion that succeeds isn't reported"
    assert [bulk_text.started("pause", count) for count in (1, 2000)] == [
        "Pausing 1 torrent.",
        "Pausing 2,000 torrents.",
    ]


@pytest.fixture
def moving(at_torbox):
    def make(number: int) -> list[Torrent]:
        return [
            at_torbox("downloading", hash=f"{n:040x}", download_seconds=9000) for n in range(1, number + 1)
        ]

    return make


def test_a_batch_that_succeeds_is_reported_once(cast, moving, sign_in):
    rows, client = moving(4), sign_in(cast.owner)
    press(client, rows, "pause")
    assert toasts(client) == [], "not yet: it is only asked for"
    carry_out(cast)
    assert [toast["text"] for toast in toasts(client)] == ["Paused 4 torrents."]
    assert toasts(client) == []
    assert set(Torrent.objects.values_list("status", flat=True)) == {Status.PAUSED}


def test_a_failure_is_reported_with_its_reason_and_the_rest_is_done(cast, moving, sim, sign_in):
    rows, client = moving(4), sign_in(cast.owner)
    sim.control.remove(cast.key, rows[2].info_hash)
    press(client, rows, "pause")
    carry_out(cast)
    (toast,) = toasts(client)
    assert toast["text"] == "Paused 3 of 4 torrents. 1 failed: TorBox couldn’t find it."
    assert toast["level"] == "warning"


def test_torrents_that_torbox_does_not_have_yet_count_as_failed(cast, moving, sign_in):
    waiting = make_torrent(cast.account, "waiting", status=Status.WAITING, remote_id=None)
    client = sign_in(cast.owner)
    press(client, [*moving(2), waiting], "pause")
    carry_out(cast)
    assert [toast["text"] for toast in toasts(client)] == [
        "Paused 2 of 3 torrents. 1 failed: It isn’t on TorBox yet."
    ]


def test_results_are_not_reported_to_others(cast, moving, sign_in):
    press(sign_in(cast.owner), moving(2), "pause")
    carry_out(cast)
    assert toasts(sign_in(cast.viewer)) == []


def test_results_are_reported_without_javascript(cast, moving, sign_in):
    client = sign_in(cast.owner)
    client.post(reverse("torrents:bulk"), {"ids": [row.pk for row in moving(2)], "action": "pause"})
    carry_out(cast)
    assert "Paused 2 torrents." in client.get(reverse("torrents:list")).content.decode()


def test_in_an_outage_all_are_kept_and_torbox_is_called_once(cast, moving, sim, sign_in):
    rows, client = moving(5), sign_in(cast.owner)
    press(client, rows, "pause")
    sim.stop()
    carry_out(cast)
    assert ControlRequest.objects.filter(state=RequestState.WAITING).count() == 5
    assert {note(row) for row in Torrent.objects.all()} == {"Pausing…"}
    sim.restart()
    carry_out(cast)
    assert [toast["text"] for toast in toasts(client)] == ["Paused 5 torrents."]


def test_a_large_batch_is_sent_in_order_and_costs_one_refresh(cast, moving, sim, sign_in):
    rows = moving(18)
    press(sign_in(cast.owner), rows, "pause")
    sim.control.reset_calls()
    carry_out(cast)
    assert sim.control.count("controltorrent", cast.key) == 18
    assert sim.control.count("mylist", cast.key) == 1
    assert sim.control.most_at_once(cast.key) <= 3


def test_a_torrent_that_breaks_torbox_does_not_stop_the_others(cast, moving, sim, sign_in):
    rows, client = moving(3), sign_in(cast.owner)
    press(client, rows, "pause")
    sim.control.fail("controltorrent", kind="500_envelope")
    for _ in range(2):
        carry_out(cast)
    assert [toast["text"] for toast in toasts(client)] == ["Paused 3 torrents."]


def test_a_failed_deletion_restores_the_row_and_says_why(cast, moving, sim, sign_in):
    rows, client = moving(2), sign_in(cast.owner)
    press(client, rows, "delete")
    body = {"success": False, "error": "INVALID_OPTION", "detail": "Not this one.", "data": None}
    sim.control.fail("controltorrent", kind="status", status=400, body=body)
    carry_out(cast)
    assert [toast["text"] for toast in toasts(client)] == ["Deleted 1 of 2 torrents. 1 failed: Not this one."]
    assert Torrent.objects.listed().count() == 1


def test_a_refused_operation_on_one_torrent_is_reported_and_recorded(cast, moving, sim, sign_in):
    (row,), client = moving(1), sign_in(cast.owner)
    client.post(reverse("torrents:remove", args=[row.pk]), headers=HTMX)
    body = {"success": False, "error": "INVALID_OPTION", "detail": "Not this one.", "data": None}
    sim.control.fail("controltorrent", kind="status", status=400, body=body)
    carry_out(cast)
    assert [toast["text"] for toast in toasts(client)] == ["Couldn’t delete it. Not this one."]
    assert "Couldn’t delete it. Not this one." in client.get(detail_url(row)).content.decode()
    assert toasts(client) == []


def test_a_successful_operation_on_one_torrent_is_not_reported(cast, moving, sign_in):
    client = sign_in(cast.owner)
    press(client, moving(1), "pause")
    carry_out(cast)
    assert toasts(client) == []


def test_a_successful_deletion_is_not_reported_again(cast, moving, sign_in):
    client = sign_in(cast.owner)
    press(client, moving(2), "delete")
    carry_out(cast)
    assert toasts(client) == []


def test_deleting_all_includes_the_queue(cast, moving, sim, at_torbox, sign_in):
    moving(1)
    at_torbox("queued", hash="f" * 40)
    data = {"operation": "delete", "account": cast.account.pk, "confirm": cast.account.label}
    sign_in(cast.owner).post(reverse("torrents:everything"), data)
    (account,) = (a for a in sim.control.state()["accounts"] if cast.key in a["keys"])
    assert account["torrents"] == account["queue"] == []


@pytest.mark.parametrize("operation", ["pause", "delete"])
def test_an_operation_on_all_is_recorded_while_torbox_is_down(cast, moving, sim, sign_in, operation):
    rows, client = moving(3), sign_in(cast.owner)
    sim.stop()
    data = {"operation": operation, "account": cast.account.pk, "confirm": cast.account.label}
    answer = client.post(reverse("torrents:everything"), data, follow=True)
    assert f"TorBox isn’t responding. We’ll {operation} 3 torrents when it’s back." in answer.content.decode()
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
