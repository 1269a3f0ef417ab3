"""Edits on their way to TorBox, which overwrites name, tags, alternative hashes, and AirLock together."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from datetime import timedelta
from threading import Thread

import pytest
from django.urls import reverse
from django.utils import timezone

import torbox
from accounts.models import TorBoxAccount
from tests.factories import make_hash, make_torrent
from torrents import tasks
from torrents.models import Activity, EditRequest, RequestState, Torrent, TorrentTag
from torrents.services.actions import adding, controlling, editing, keeping, renaming, tagging
from torrents.services.actions.batch_results import unreported
from torrents.services.outbox import edits, sending
from torrents.services.sync import refreshing
from torrents.services.upkeep import pruning
from torrents.states import Status

ALTERNATIVE = "a" * 40


def due_now() -> None:
    EditRequest.objects.filter(state=RequestState.WAITING).update(
        due_at=timezone.now() - timedelta(seconds=1)
    )


def send(cast, row: Torrent) -> Torrent:
    """Send what is due, and return the row as it is then."""
    due_now()
    edits.send_due(cast.account.pk)
    row.refresh_from_db()
    return row


@pytest.fixture
def there(cast, sim) -> Callable[[Torrent], dict]:
    """Return what TorBox has of a row, as another client reads it."""

    def read(row: Torrent) -> torbox.Torrent:
        with torbox.Client(base_url=sim.url, api_key=cast.key) as client:
            return client.get_torrent(row.remote_id, fresh=True)

    return read


@pytest.fixture
def row(at_torbox) -> Torrent:
    return at_torbox(
        display_name="A film", tags=["theirs"], alternative_hashes=[ALTERNATIVE], size=1000, airlocked=True
    )


def test_an_edit_keeps_everything_that_it_does_not_change(cast, row, there):
    tagging.tag(person=cast.owner, torrents=[row], add=["ours"])
    send(cast, row)
    has = there(row)
    assert (has.name, has.tags, has.alternative_hashes, has.airlocked) == (
        "A film",
        ("theirs", "ours"),
        (ALTERNATIVE,),
        True,
    )
    assert (row.name, row.tags, row.airlocked, row.edit_pending) == (
        "A film",
        ["theirs", "ours"],
        True,
        False,
    )


def test_name_and_airlock_reach_torbox(cast, row, there):
    renaming.rename(person=cast.owner, names={row.pk: "Another film"})
    keeping.keep(person=cast.owner, torrents=[row], kept=False)
    send(cast, row)
    assert (there(row).name, there(row).airlocked) == ("Another film", False)
    assert (row.name, row.airlocked, row.edit_pending) == ("Another film", False, False)


def test_all_due_edits_of_a_torrent_are_one_call(cast, row, there, sim):
    tagging.tag(person=cast.owner, torrents=[row], add=["one", "two"])
    tagging.tag(person=cast.owner, torrents=[row], add=["three"], remove=["two", "theirs"])
    renaming.rename(person=cast.owner, names={row.pk: "Second"})
    renaming.rename(person=cast.owner, names={row.pk: "Third"})
    send(cast, row)
    assert there(row).tags == ("one", "three") and there(row).name == "Third"
    assert sim.control.count("edittorrent", cast.key) == 1
    assert set(EditRequest.objects.values_list("state", flat=True)) == {RequestState.DONE}


def test_a_change_made_elsewhere_since_our_last_list_survives(cast, row, there, sim):
    tagging.tag(person=cast.owner, torrents=[row], add=["ours"])
    sim.control.edit(cast.key, row.info_hash, name="Their name", tags=["theirs", "new"], airlocked=False)
    send(cast, row)
    has = there(row)
    assert (has.name, has.tags, has.airlocked) == ("Their name", ("theirs", "new", "ours"), False)
    assert (row.name, row.tags, row.airlocked) == ("Their name", ["theirs", "new", "ours"], False)
    assert set(TorrentTag.objects.values_list("name", flat=True)) == {"theirs", "new", "ours"}


def test_nothing_is_sent_if_torbox_has_it_already(cast, row, sim):
    tagging.tag(person=cast.owner, torrents=[row], add=["ours"])
    sim.control.edit(cast.key, row.info_hash, tags=["theirs", "ours"])
    send(cast, row)
    assert sim.control.count("edittorrent", cast.key) == 0
    assert row.tags == ["theirs", "ours"] and not row.edit_pending


def overwrite_once_seen(sim, key: str, row: Torrent, tag: str) -> Thread:
    """Start another client that read the torrent before our edit, and writes its own as soon as ours is there."""

    def work() -> None:
        with torbox.Client(base_url=sim.url, api_key=key) as client:
            old = client.get_torrent(row.remote_id, fresh=True)
            ready.append(True)
            while client.get_torrent(row.remote_id, fresh=True).tags == old.tags:
                pass
            client.edit_torrent(
                row.remote_id,
                name=old.name,
                tags=(*old.tags, tag),
                alternative_hashes=old.alternative_hashes,
                airlocked=old.airlocked,
            )

    ready: list[bool] = []
    thread = Thread(target=work)
    thread.start()
    while not ready:
        pass
    return thread


def test_an_edit_that_another_client_overwrites_at_once_is_sent_again(cast, row, there, sim):
    tagging.tag(person=cast.owner, torrents=[row], add=["ours"])
    sim.control.fail("edittorrent", kind="delay", delay=1.0)
    other = overwrite_once_seen(sim, cast.key, row, "late")
    send(cast, row)
    other.join()
    assert set(there(row).tags) == {"theirs", "late", "ours"}
    assert sim.control.count("edittorrent", cast.key) == 3, "theirs, and ours twice"
    assert not row.edit_pending


def test_an_older_list_from_the_cache_does_not_revert_an_edit(cast, row, sim):
    refreshing.refresh(cast.account)  # TorBox's cache now has the list of before
    tagging.tag(person=cast.owner, torrents=[row], add=["ours"])
    cast.account.refresh_from_db()
    refreshing.refresh(cast.account)
    row.refresh_from_db()
    assert row.tags == ["theirs", "ours"] and row.edit_pending, "while it waits"
    send(cast, row)
    cast.account.refresh_from_db()
    refreshing.refresh(cast.account)
    row.refresh_from_db()
    assert row.tags == ["theirs", "ours"] and not row.edit_pending, "after it was sent"


def test_an_old_list_does_not_revert_an_edit_even_if_torbox_does_not_date_edits(cast, row, sim):
    """`updated_at` may stay as it was, or go back, so that a list from the cache doesn't look old."""
    sim.control.options(updated_at="backward")
    refreshing.refresh(cast.account)
    renaming.rename(person=cast.owner, names={row.pk: "Another film"})
    send(cast, row)
    for _ in range(2):
        cast.account.refresh_from_db()
        refreshing.refresh(cast.account)
        row.refresh_from_db()
        assert row.name == "Another film"
    sim.control.edit(cast.key, row.info_hash, name="Their name")
    refreshing.refresh(cast.account, fresh=True)
    row.refresh_from_db()
    assert row.name == "Their name", "a reading past the cache is newer than the edit"


def test_a_list_shows_what_others_changed_beside_an_edit_that_waits(cast, row, sim):
    tagging.tag(person=cast.owner, torrents=[row], add=["ours"])
    sim.control.edit(cast.key, row.info_hash, name="Their name", tags=["new"])
    refreshing.refresh(cast.account, fresh=True)
    row.refresh_from_db()
    assert (row.name, row.tags, row.edit_pending) == ("Their name", ["new", "ours"], True)


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("kind", ["500", "500_envelope", "drop", "truncate", "html502"])
def test_an_edit_without_a_clear_answer_is_sent_until_torbox_has_it(cast, row, there, sim, kind, after):
    tagging.tag(person=cast.owner, torrents=[row], add=["ours"])
    presets = {
        "500": {"status": 500, "body": "Internal Server Error"},
        "html502": {"status": 502, "body": "<p>"},
    }
    fault = {"drop": {"kind": "drop"}, "truncate": {"kind": "truncate"}}.get(kind, presets.get(kind, {}))
    sim.control.fail("edittorrent", after=after, **fault)
    assert send(cast, row).edit_pending and row.tags == ["theirs", "ours"]
    sim.control.edit(cast.key, row.info_hash, tags=[*there(row).tags, "new"])
    TorBoxAccount.objects.update(probe_at=None)
    assert not send(cast, row).edit_pending
    assert set(there(row).tags) == {"theirs", "new", "ours"}
    assert sim.control.count("edittorrent", cast.key) == (1 if after else 2)


def test_an_edit_in_an_outage_is_sent_when_torbox_is_back(cast, row, there, sim):
    keeping.keep(person=cast.owner, torrents=[row], kept=False)
    sim.stop()
    assert send(cast, row).edit_pending
    sim.restart()
    TorBoxAccount.objects.update(probe_at=None)
    assert not send(cast, row).edit_pending and not there(row).airlocked


def test_what_a_killed_worker_was_sending_is_sent_after_its_lease(cast, row, there, settings):
    tagging.tag(person=cast.owner, torrents=[row], add=["first"])
    EditRequest.objects.get().claim(expecting=RequestState.WAITING)
    tagging.tag(person=cast.owner, torrents=[row], add=["second"], remove=["first"])
    send(cast, row)
    assert there(row).tags == ("theirs",), "a later edit waits for the one that is being sent"
    long_ago = timezone.now() - timedelta(seconds=settings.LEASE_SECONDS + 1)
    EditRequest.objects.filter(state=RequestState.SENDING).update(claimed_at=long_ago)
    send(cast, row)
    assert there(row).tags == ("theirs", "second") and not row.edit_pending


def test_a_worker_that_was_replaced_records_nothing(cast, row, sim):
    """It was suspended, and another worker has taken over its edit."""
    tagging.tag(person=cast.owner, torrents=[row], add=["ours"])
    mine = EditRequest.objects.get()
    mine.claim(expecting=RequestState.WAITING)
    EditRequest.objects.update(claimed_at=timezone.now() + timedelta(seconds=1))
    edits._carry_out(cast.account, row, [mine])
    assert EditRequest.objects.get().state == RequestState.SENDING
    row.refresh_from_db()
    assert row.edit_pending


def test_a_refusal_reverts_the_edit_and_is_told_in_torbox_s_words(cast, at_torbox, sim, sign_in):
    rows = [at_torbox(hash=digit * 40, files=[["a", 10**12]], name=f"Film {digit}") for digit in "123"]
    sim.control.account(cast.key, airlock_bytes=10**12 + 5)
    client = sign_in(cast.owner)
    keeping.keep(person=cast.owner, torrents=rows, kept=True)
    assert set(Torrent.objects.values_list("airlocked", flat=True)) == {True}
    edits.send_due(cast.account.pk)
    kept = Torrent.objects.order_by("pk").values_list("airlocked", "edit_pending")
    assert list(kept) == [(True, False), (False, False), (False, False)]
    failed = EditRequest.objects.filter(state=RequestState.FAILED)
    assert set(failed.values_list("reason", flat=True)) == {"refused"}
    answer = client.get(reverse("torrents:changes"), headers={"HX-Request": "true"})
    (toast,) = json.loads(answer.headers["HX-Trigger"])["toast"]["items"]
    assert toast["text"].startswith("Kept 1 of 3 torrents. 2 failed: AirLock is full")
    assert unreported(cast.owner) == []
    told = Activity.objects.filter(params__error="refused", kind="kept", person=cast.owner)
    assert told.count() == 2 and "AirLock is full" in told.first().upstream_detail
    page = client.get(reverse("torrents:activity")).content.decode()
    assert "couldn’t keep" in page


def test_edits_that_torbox_takes_do_not_fail_with_one_that_it_refuses(cast, row, there, sim):
    keeping.keep(person=cast.owner, torrents=[row], kept=False)
    send(cast, row)
    sim.control.account(cast.key, airlock_bytes=1)
    tagging.tag(person=cast.owner, torrents=[row], add=["ours"])
    keeping.keep(person=cast.owner, torrents=[row], kept=True)
    renaming.rename(person=cast.owner, names={row.pk: "Another film"})
    send(cast, row)
    has = there(row)
    assert (has.tags, has.name, has.airlocked) == (("theirs", "ours"), "Another film", False)
    assert (row.tags, row.name, row.airlocked) == (["theirs", "ours"], "Another film", False)
    assert not row.edit_pending


def test_a_batch_that_succeeds_is_not_reported_as_rows_show_it(cast, at_torbox):
    rows = [at_torbox(hash=digit * 40) for digit in "12"]
    tagging.tag(person=cast.owner, torrents=rows, add=["ours"])
    edits.send_due(cast.account.pk)
    assert unreported(cast.owner) == []


def test_a_failure_is_told_although_other_edits_of_the_batch_wait_for_torbox(cast, row, sim):
    waiting = make_torrent(cast.account, "not there yet", remote_id=None, status=Status.WAITING)
    gone = make_torrent(cast.account, "gone", remote_id=None, status=Status.GONE)
    tagging.tag(person=cast.owner, torrents=[waiting, gone], add=["ours"])
    (result,) = unreported(cast.owner)
    assert (result.operation, result.total, result.failed) == ("tag", 2, 1)


@pytest.mark.parametrize("state", ["downloading", "queued", "paused", "stalled"])
def test_an_edit_of_a_torrent_that_torbox_has_not_stored_waits_without_calls(cast, at_torbox, sim, state):
    row = at_torbox(state, download_seconds=9000)
    tagging.tag(person=cast.owner, torrents=[row], add=["ours"])
    sim.control.reset_calls()
    assert edits.account_ids_with_due() == []
    assert send(cast, row).edit_pending and row.tags == ["ours"]
    assert sim.control.count() == 0


def test_an_edit_of_an_unsent_torrent_is_sent_once_it_is_ready(cast, there, sim, time_machine):
    sim.control.options(meta_seconds=0, download_seconds=50)
    sim.control.freeze()
    time_machine.move_to(timezone.now(), tick=False)
    magnet = adding.Magnet(make_hash("new"), "new")
    (row,) = adding.add(
        person=cast.owner,
        account=cast.account,
        new_torrents=[adding.NewTorrent(magnet)],
        options=adding.Options(),
    ).added
    tagging.tag(person=cast.owner, torrents=[row], add=["ours"])
    assert send(cast, row).edit_pending
    sending.send_due(cast.account.pk)
    assert send(cast, row).status != Status.READY and row.tags == ["ours"] and row.edit_pending
    time_machine.shift(timedelta(seconds=200))
    sim.control.advance(200)
    refreshing.refresh(cast.account, fresh=True)
    assert edits.account_ids_with_due() == [cast.account.pk]
    assert not send(cast, row).edit_pending and row.status == Status.READY
    assert there(row).tags == ("ours",)


def test_the_edits_of_a_torrent_that_is_deleted_are_not_sent(cast, row, sim):
    tagging.tag(person=cast.owner, torrents=[row], add=["ours"])
    controlling.remove(person=cast.owner, torrents=[row])
    assert edits.account_ids_with_due() == []
    controlling.restore([row])
    assert not send(cast, row).edit_pending


def test_edits_from_before_a_deletion_end_when_another_app_adds_the_torrent_again(
    cast, at_torbox, there, sim, settings
):
    settings.UNDO_SECONDS = 0
    row = at_torbox("downloading", hash="3" * 40, download_seconds=9000)
    tagging.tag(person=cast.owner, torrents=[row], add=["ours"])
    controlling.remove(person=cast.owner, torrents=[row])
    tasks.send_controls(cast.account.pk)
    Torrent.objects.update(old_ids_until=None)
    sim.control.seed(torrents=[{"key": cast.key, "hash": row.info_hash, "state": "completed"}])
    cast.account.refresh_from_db()
    refreshing.refresh(cast.account, fresh=True)
    row.refresh_from_db()
    assert (row.removed_at, row.tags, row.edit_pending) == (None, [], False)
    assert send(cast, row).tags == [] and there(row).tags == ()


def test_an_edit_of_a_torrent_that_torbox_lost_fails(cast, row, sim):
    Torrent.objects.update(sent_at=timezone.now() - timedelta(days=1))
    tagging.tag(person=cast.owner, torrents=[row], add=["ours"])
    sim.control.remove(cast.key, row.info_hash)
    send(cast, row)
    assert (row.status, row.tags, row.edit_pending) == (Status.GONE, ["theirs"], False)
    assert EditRequest.objects.get().reason == "not_found"


def test_a_new_torrent_that_torbox_does_not_know_by_id_yet_is_looked_for_again(cast, row, sim):
    Torrent.objects.update(sent_at=timezone.now())
    body = {"success": False, "error": "ITEM_NOT_FOUND", "detail": "Not there.", "data": None}
    sim.control.fail("mylist", status=404, body=body)
    tagging.tag(person=cast.owner, torrents=[row], add=["ours"])
    assert send(cast, row).edit_pending
    assert not send(cast, row).edit_pending and row.tags == ["theirs", "ours"]


def test_an_edit_that_torbox_accepts_but_never_shows_ends(cast, row, sim):
    """TorBox may drop AirLock from its rows, for example. Nobody can tell whether it is kept."""
    keeping.keep(person=cast.owner, torrents=[row], kept=False)
    send(cast, row)
    sim.control.options(row_airlocked=False)
    keeping.keep(person=cast.owner, torrents=[row], kept=True)
    for _ in range(edits.MAX_ATTEMPTS):
        assert send(cast, row) and EditRequest.objects.filter(state=RequestState.SENDING).count() == 0
    assert not row.edit_pending and not row.airlocked
    assert EditRequest.objects.order_by("pk").last().reason == "unexplained"


def test_an_edit_overwrites_nothing_that_could_not_be_read(cast, row, there, sim):
    sim.control.odd_row(cast.key, row.info_hash, {"tags": "no list"})
    renaming.rename(person=cast.owner, names={row.pk: "Another film"})
    assert send(cast, row).edit_pending
    assert sim.control.count("edittorrent", cast.key) == 0
    sim.control.clear_faults()
    assert not send(cast, row).edit_pending and there(row).tags == ("theirs",)


@pytest.mark.parametrize("field", [{"name": "x" * 2000}, {"tags": ["x" * 2000]}], ids=["name", "tag"])
def test_an_edit_does_not_cut_a_text_that_is_longer_than_what_was_read(cast, row, sim, field):
    sim.control.odd_row(cast.key, row.info_hash, field)
    keeping.keep(person=cast.owner, torrents=[row], kept=False)
    assert send(cast, row).edit_pending
    assert sim.control.count("edittorrent", cast.key) == 0


def test_a_tag_that_torbox_stores_in_another_case_counts_as_stored():
    edit = EditRequest(added_tags=["Film Night"])
    item = torbox.Torrent(1, "a" * 40, tags=("film night",))
    assert edits._show(item, [edit])


def test_undo_of_a_sent_edit_reverses_it_and_keeps_what_others_changed(cast, row, there, sim):
    tagged = tagging.tag(person=cast.owner, torrents=[row], add=["ours"], remove=["theirs"])
    renamed = renaming.rename(person=cast.owner, names={row.pk: "Another film"})
    kept = keeping.keep(person=cast.owner, torrents=[row], kept=False)
    send(cast, row)
    sim.control.edit(cast.key, row.info_hash, tags=["ours", "new"])
    for batch in (kept, renamed, tagged):
        assert editing.undo(person=cast.owner, batch_id=batch.pk) == 1
    send(cast, row)
    has = there(row)
    assert (set(has.tags), has.name, has.airlocked) == ({"new", "theirs"}, "A film", True)
    assert (set(row.tags), row.name, row.airlocked) == ({"new", "theirs"}, "A film", True)
    assert editing.undo(person=cast.owner, batch_id=tagged.pk) == 0


def test_undo_of_a_waiting_edit_shows_what_others_changed_under_it(cast, row, sim):
    batch = renaming.rename(person=cast.owner, names={row.pk: "Another film"})
    sim.control.edit(cast.key, row.info_hash, name="Their name", tags=["theirs"])
    refreshing.refresh(cast.account, fresh=True)
    assert editing.undo(person=cast.owner, batch_id=batch.pk) == 1
    cast.account.refresh_from_db()
    refreshing.refresh(cast.account, fresh=True)
    row.refresh_from_db()
    assert row.name == "Their name" and not row.edit_pending


def test_the_first_name_of_a_torrent_without_one_cannot_be_undone_once_torbox_has_it(cast, row, there, sim):
    Torrent.objects.update(name="")
    batch = renaming.rename(person=cast.owner, names={row.pk: "A film at last"})
    send(cast, row)
    assert editing.undo(person=cast.owner, batch_id=batch.pk) == 0
    assert send(cast, row).name == there(row).name == "A film at last" and not row.edit_pending


def test_undo_of_an_edit_whose_answer_was_lost_reverses_it(cast, row, there, sim):
    batch = tagging.tag(person=cast.owner, torrents=[row], add=["ours"])
    sim.control.fail("edittorrent", kind="drop", after=True)
    send(cast, row)
    assert editing.undo(person=cast.owner, batch_id=batch.pk) == 1
    row.refresh_from_db()
    assert row.tags == ["theirs"] and row.edit_pending
    TorBoxAccount.objects.update(probe_at=None)
    send(cast, row)
    assert there(row).tags == ("theirs",) and not row.edit_pending


def test_a_torrent_that_failed_to_be_sent_keeps_its_tags_when_it_is_added_again(cast, sim):
    row = make_torrent(cast.account, remote_id=None, status=Status.WAITING)
    tagging.tag(person=cast.owner, torrents=[row], add=["ours"])
    Torrent.objects.update(status=Status.FAILED)
    row.refresh_from_db()
    adding.add_again(person=cast.owner, torrent=row)
    row.refresh_from_db()
    assert row.tags == ["ours"] and row.edit_pending
    Torrent.objects.update(status=Status.FAILED)
    row.refresh_from_db()
    adding.add_again(person=cast.member, torrent=row)
    row.refresh_from_db()
    assert row.tags == [] and not row.edit_pending and not TorrentTag.objects.exists()


def test_operations_are_sent_before_edits(cast, row, at_torbox, sim):
    other = at_torbox("downloading", hash="2" * 40, download_seconds=9000)
    tagging.tag(person=cast.owner, torrents=[row], add=["ours"])
    controlling.control(person=cast.owner, torrents=[other], operation="pause")
    edits.send_due(cast.account.pk)
    assert sim.control.count("edittorrent", cast.key) == 0
    tasks.send_controls(cast.account.pk)
    assert not send(cast, row).edit_pending


def test_edits_that_wait_outlive_the_pruning_of_old_requests(cast, row):
    waiting = make_torrent(cast.account, "not there yet", remote_id=None, status=Status.WAITING)
    tagging.tag(person=cast.owner, torrents=[row, waiting], add=["ours"])
    send(cast, row)
    old = timezone.now() - timedelta(days=8)
    EditRequest.objects.update(created_at=old, due_at=old)
    for batch in {edit.batch for edit in EditRequest.objects.all()}:
        batch.created_at = old
        batch.save()
    pruning.prune()
    assert [edit.torrent for edit in EditRequest.objects.all()] == [waiting]


def test_an_edit_that_is_refused_after_weeks_is_still_told(cast, row, sim):
    keeping.keep(person=cast.owner, torrents=[row], kept=False)
    EditRequest.objects.update(
        created_at=timezone.now() - timedelta(days=30), due_at=timezone.now() - timedelta(days=30)
    )
    body = {"success": False, "error": "DIFF_ISSUE", "detail": "No.", "data": None}
    sim.control.fail("edittorrent", status=400, body=body)
    edits.send_due(cast.account.pk)
    pruning.prune()
    assert [result.failed for result in unreported(cast.owner)] == [1]


def test_the_tags_of_many_rows_are_written_with_few_queries(cast, sim, django_assert_max_num_queries):
    specs = [
        {
            "key": cast.key,
            "hash": f"{number:040x}",
            "state": "completed",
            "tags": ["all", f"tag {number % 40}"],
        }
        for number in range(1000)
    ]
    sim.control.seed(torrents=specs)
    with django_assert_max_num_queries(60):
        refreshing.refresh(cast.account, fresh=True)
    assert TorrentTag.objects.filter(name="all").count() == 1000
    assert TorrentTag.objects.filter(name="tag 7").count() == 25
    for spec in itertools.islice(specs, 3):
        sim.control.edit(cast.key, spec["hash"], tags=["all", "new"])
    refreshing.refresh(cast.account, fresh=True)
    assert TorrentTag.objects.filter(name="new").count() == 3
    assert TorrentTag.objects.count() == 2000
