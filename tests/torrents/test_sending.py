"""What was pasted reaches TorBox, once, within its budgets."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from tests.factories import let_waiting_end, make_hash
from torbox.magnets import Magnet
from torrents.models import AddRequest, CreateCall, RequestState, Torrent
from torrents.pages.list.row_text import quiet_line
from torrents.reasons import Reason
from torrents.services.actions.adding import NewTorrent, Options, add
from torrents.services.outbox import sending
from torrents.states import Status

SINTEL = "08ada5a7a6183aae1e09d831df6748d566095a10"


def new_torrent(name: str) -> NewTorrent:
    return NewTorrent(Magnet(make_hash(name), name))


def paste(cast, *new_torrents: NewTorrent, person=None, **options) -> list[Torrent]:
    result = add(
        person=person or cast.owner,
        account=cast.account,
        new_torrents=new_torrents,
        options=Options(**options),
    )
    return result.added


def retry_now(cast) -> None:
    """As if every waiting time were over."""
    let_waiting_end(cast.account)
    sending.send_due(cast.account.pk)


def test_a_paste_is_a_row_at_once_and_at_torbox_after_the_worker(cast, sim):
    (row,) = paste(cast, new_torrent("a film"))
    assert (row.status, row.added_by) == (Status.WAITING, cast.owner)
    sending.send_due(cast.account.pk)
    row.refresh_from_db()
    assert row.status == Status.METADATA and row.remote_id
    assert sim.control.accepted(cast.key) == {row.info_hash: 1}


def test_a_cached_torrent_is_ready_with_its_files_at_once_and_costs_no_budget(cast, sim):
    (row,) = paste(cast, NewTorrent(Magnet(SINTEL)))
    sending.send_due(cast.account.pk)
    row.refresh_from_db()
    assert row.status == Status.READY and row.file_count == row.files.count() > 0
    assert not CreateCall.objects.filter(counted=True).exists()


def test_every_option_reaches_torbox(cast, sim):
    sim.control.options(active_limit="queue") if "active_limit" in sim.control.options() else None
    (row,) = paste(cast, new_torrent("named"), seed=3, allow_zip=False, name="My name", as_queued=True)
    sending.send_due(cast.account.pk)
    row.refresh_from_db()
    assert row.status == Status.QUEUED and row.queued_id
    (queued,) = [a for a in sim.control.state()["accounts"] if cast.key in a["keys"]][0]["queue"]
    assert queued["name"] == "My name"


def test_only_cached_fails_what_is_not_cached_without_spending_a_create(cast, sim):
    hit, miss = paste(cast, NewTorrent(Magnet(SINTEL)), new_torrent("rare"), only_if_cached=True)
    sending.send_due(cast.account.pk)
    hit.refresh_from_db(), miss.refresh_from_db()
    assert (hit.status, miss.status) == (Status.READY, Status.FAILED)
    assert miss.reason == Reason.NOT_CACHED and "doesn’t have it cached" in quiet_line(miss)
    assert sim.control.count("createtorrent", cast.key) == 1


def test_sending_twice_at_once_sends_once(cast, sim):
    paste(cast, new_torrent("a film"))
    sending.send_due(cast.account.pk)
    sending.send_due(cast.account.pk)
    assert sim.control.count("createtorrent", cast.key) == 1


def test_a_request_another_worker_claimed_is_left_alone(cast, sim):
    (row,) = paste(cast, new_torrent("a film"))
    mine, theirs = AddRequest.objects.get(torrent=row), AddRequest.objects.get(torrent=row)
    assert theirs.claim(expecting=RequestState.WAITING)
    assert not mine.claim(expecting=RequestState.WAITING)


def test_a_lost_answer_is_resolved_by_looking_not_by_sending_again(cast, sim):
    sim.control.fail("createtorrent", kind="drop", after=True)
    (row,) = paste(cast, new_torrent("a film"))
    sending.send_due(cast.account.pk)
    assert row.request.state == RequestState.UNSURE or AddRequest.objects.get(torrent=row).state == "unsure"
    retry_now(cast)
    row.refresh_from_db()
    assert row.remote_id and AddRequest.objects.get(torrent=row).state == RequestState.DONE
    assert sim.control.accepted(cast.key) == {row.info_hash: 1}
    assert sim.control.count("createtorrent", cast.key) == 1


def test_a_call_that_never_arrived_is_sent_again(cast, sim):
    sim.control.fail("createtorrent", kind="drop", after=False)
    (row,) = paste(cast, new_torrent("a film"))
    sending.send_due(cast.account.pk)
    retry_now(cast)
    row.refresh_from_db()
    assert row.remote_id
    assert sim.control.accepted(cast.key) == {row.info_hash: 1}


def test_a_worker_that_died_while_sending_leaves_nothing_behind(cast, sim):
    (row,) = paste(cast, new_torrent("a film"))
    request = AddRequest.objects.get(torrent=row)
    request.claim(expecting=RequestState.WAITING)
    AddRequest.objects.update(claimed_at=timezone.now() - timedelta(minutes=10))
    assert sending.account_ids_with_due() == [cast.account.pk]
    sending.send_due(cast.account.pk)
    assert sim.control.accepted(cast.key) == {}, "it may have been sent: first it is looked for"
    retry_now(cast)
    row.refresh_from_db()
    assert row.remote_id
    assert sim.control.accepted(cast.key) == {row.info_hash: 1}


def test_an_outage_keeps_the_wish_and_says_so(cast, sim):
    (row,) = paste(cast, new_torrent("a film"))
    sim.stop()
    sending.send_due(cast.account.pk)
    row.refresh_from_db()
    assert row.status == Status.WAITING and "isn’t responding" in quiet_line(row)
    sim.restart()
    retry_now(cast)
    row.refresh_from_db()
    assert row.remote_id


def test_a_rate_limit_blocks_creates_for_as_long_as_torbox_says(cast, sim):
    sim.control.fail(
        "createtorrent", kind="status", status=429, headers={"retry-after": "37"}, body={"detail": "x"}
    )
    (row,) = paste(cast, new_torrent("a film"))
    sending.send_due(cast.account.pk)
    wait = (cast.account.paused_until("createtorrent") - timezone.now()).total_seconds()
    assert 30 < wait <= 37
    row.refresh_from_db()
    assert row.status == Status.WAITING and row.reason == Reason.THROTTLED
    retry_now(cast)
    row.refresh_from_db()
    assert row.remote_id


def test_a_rate_limit_without_a_time_waits_five_minutes(cast, sim):
    sim.control.fail("createtorrent", kind="status", status=429, body={"detail": "60 per 1 hour"})
    paste(cast, new_torrent("a film"))
    sending.send_due(cast.account.pk)
    assert 290 < (cast.account.paused_until("createtorrent") - timezone.now()).total_seconds() <= 300


def test_a_refusal_fails_the_row_with_torbox_s_own_sentence(cast, sim):
    body = {"success": False, "error": "DOWNLOAD_TOO_LARGE", "detail": "Too <big> for you.", "data": None}
    sim.control.fail("createtorrent", kind="status", status=400, body=body)
    (row,) = paste(cast, new_torrent("a film"))
    sending.send_due(cast.account.pk)
    row.refresh_from_db()
    assert (row.status, row.reason, row.upstream_detail) == (
        Status.FAILED,
        Reason.REFUSED,
        "Too <big> for you.",
    )


@pytest.mark.parametrize("status", [200, 400, 500])
def test_no_free_slot_waits_and_says_for_what(cast, sim, status):
    limits = {"active_limit": 3, "current_active_downloads": 3}
    body = {"success": False, "error": "ACTIVE_LIMIT", "detail": "Active limit.", "data": limits}
    sim.control.fail("createtorrent", kind="status", status=status, body=body)
    (row,) = paste(cast, new_torrent("a film"))
    sending.send_due(cast.account.pk)
    row.refresh_from_db()
    assert row.status == Status.WAITING and "No free slot on TorBox (3 of 3 in use)" in quiet_line(row)
    retry_now(cast)
    row.refresh_from_db()
    assert row.remote_id


def test_a_duplicate_is_success_and_found_by_its_hash(cast, sim):
    (row,) = paste(cast, new_torrent("a film"))
    sim.control.seed(torrents=[{"key": cast.key, "hash": row.info_hash, "state": "completed"}])
    body = {"success": False, "error": "DUPLICATE_ITEM", "detail": "Already there.", "data": None}
    sim.control.fail("createtorrent", kind="status", status=400, body=body)
    sending.send_due(cast.account.pk)
    row.refresh_from_db()
    assert row.status == Status.READY and row.remote_id


def test_a_refused_key_stops_everything_and_keeps_the_wishes(cast, sim):
    sim.control.rotate(cast.key, "11111111-2222-3333-4444-555555555555")
    rows = paste(cast, new_torrent("one"), new_torrent("two"))
    sending.send_due(cast.account.pk)
    sim.control.reset_calls()
    sending.send_due(cast.account.pk)
    assert sim.control.count() == 0
    assert {Torrent.objects.get(pk=row.pk).status for row in rows} == {Status.WAITING}
    assert "new API key" in quiet_line(Torrent.objects.get(pk=rows[0].pk))


def test_the_budget_of_a_minute_is_kept_and_the_rest_knows_its_time(cast, sim):
    rows = paste(cast, *[new_torrent(f"film {number}") for number in range(14)])
    sending.send_due(cast.account.pk)
    assert sim.control.count("createtorrent", cast.key) == 10
    waiting = Torrent.objects.filter(account=cast.account, status=Status.WAITING)
    assert waiting.count() == 4
    for row in waiting:
        assert timedelta(seconds=30) < row.waiting_until - timezone.now() <= timedelta(seconds=60)
    lines = [quiet_line(row) for row in waiting.order_by("waiting_place")]
    assert [line.split(". ")[1].split(",")[0] for line in lines] == [
        "Number 1 in line", "Number 2 in line", "Number 3 in line", "Number 4 in line",
    ]  # fmt: skip
    assert len(rows) == 14


def test_people_sharing_an_account_take_turns(cast, sim):
    paste(cast, *[new_torrent(f"film {number}") for number in range(30)], person=cast.owner)
    (hers,) = paste(cast, new_torrent("hers"), person=cast.member)
    sending.send_due(cast.account.pk)
    hers.refresh_from_db()
    assert hers.remote_id or hers.queued_id


def test_pasting_what_is_there_changes_nothing(cast, sim):
    paste(cast, new_torrent("a film"))
    result = add(
        person=cast.member, account=cast.account, new_torrents=[new_torrent("a film")], options=Options()
    )
    assert not result.added and len(result.existing) == 1
    assert Torrent.objects.count() == AddRequest.objects.count() == 1
