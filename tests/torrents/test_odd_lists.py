"""Lists that are true in form and wrong in content: nobody loses a row to one."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from torrents.models import Torrent, TorrentFile
from torrents.services.sync import refreshing
from torrents.states import Status

LATER = timedelta(minutes=2)


def many(sim, cast, number: int) -> list[str]:
    hashes = [f"{n:040x}" for n in range(1, number + 1)]
    spec = {"key": cast.key, "state": "completed", "age": 86400, "files": [("a.mkv", 1000)]}
    sim.control.seed(torrents=[spec | {"hash": info_hash} for info_hash in hashes])
    assert read(cast)
    assert Torrent.objects.count() == number
    return hashes


def read(cast, *, fresh: bool = True) -> bool:
    cast.account.refresh_from_db()
    return refreshing.refresh(cast.account, fresh=fresh)


def statuses() -> set[str]:
    return set(Torrent.objects.values_list("status", flat=True))


def test_an_empty_list_that_suddenly_replaces_500_rows_is_not_believed(cast, sim, time_machine):
    many(sim, cast, 500)
    sim.control.thin_list(cast.key, share=1, times=5)
    for _ in range(3):
        assert read(cast)
        time_machine.move_to(timezone.now() + LATER)
    assert statuses() == {Status.READY}
    assert not Torrent.objects.exclude(missing_since=None).exists()


def test_a_list_that_lost_most_rows_because_they_are_gone_is_believed_the_second_time(
    cast, sim, time_machine
):
    hashes = many(sim, cast, 30)
    for info_hash in hashes[:25]:
        sim.control.remove(cast.key, info_hash)
    read(cast)
    assert statuses() == {Status.READY}
    time_machine.move_to(timezone.now() + LATER)
    read(cast)
    assert Torrent.objects.filter(status=Status.GONE).count() == 25
    assert Torrent.objects.count() == 30, "a gone row stays until somebody clears it"


def test_a_few_rows_left_out_by_chance_come_back_as_if_nothing_had_been(cast, sim, time_machine):
    many(sim, cast, 40)
    before = list(Torrent.objects.order_by("pk").values("pk", "status", "remote_id"))
    sim.control.thin_list(cast.key, share=0.2, times=1)
    read(cast)
    assert Torrent.objects.exclude(missing_since=None).exists()
    time_machine.move_to(timezone.now() + LATER)
    read(cast)
    assert list(Torrent.objects.order_by("pk").values("pk", "status", "remote_id")) == before
    assert not Torrent.objects.exclude(missing_since=None).exists()


def test_rows_told_twice_are_one_row(cast, sim):
    many(sim, cast, 20)
    sim.control.repeat_rows(cast.key)
    assert read(cast)
    assert Torrent.objects.count() == 20 and TorrentFile.objects.count() == 20


@pytest.fixture
def two_pages(cast, sim):
    many(sim, cast, 1100)
    return cast


def test_a_row_that_slips_between_two_pages_is_not_gone(two_pages, sim, time_machine):
    for _ in range(2):
        sim.control.shift_pages(two_pages.key, rows=1)
        assert read(two_pages)
        assert read(two_pages)
        time_machine.move_to(timezone.now() + LATER)
    assert statuses() == {Status.READY} and Torrent.objects.count() == 1100


def test_one_row_too_many_on_each_page_changes_nothing(two_pages, sim):
    sim.control.options(list_extra_row=True)
    two_pages.account.refresh_from_db()
    revision = two_pages.account.revision
    assert read(two_pages)
    two_pages.account.refresh_from_db()
    assert (two_pages.account.revision, Torrent.objects.count()) == (revision, 1100)


def test_a_second_page_that_fails_makes_the_first_one_change_nothing(two_pages, sim):
    Torrent.objects.filter(info_hash=f"{1:040x}").update(row_digest="", name="as it was")
    body = {"success": True, "error": None, "detail": "", "data": {"id": "x", "hash": 5}}
    full = sim.control.count("mylist", two_pages.key)
    sim.control.fail("mylist", kind="delay", delay=0, times=1)
    sim.control.fail("mylist", kind="body", body=body, times=9)
    assert not read(two_pages)
    assert sim.control.count("mylist", two_pages.key) - full == 2
    assert Torrent.objects.get(info_hash=f"{1:040x}").name == "as it was"


def test_a_list_from_torbox_s_cache_does_not_undo_what_was_read_since(cast, sim, at_torbox):
    row = at_torbox("downloading", download_seconds=60, seed_seconds=0)
    sim.control.advance(300)
    refreshing.refresh_one(row)
    row.refresh_from_db()
    assert row.status == Status.READY
    assert read(cast, fresh=False)
    row.refresh_from_db()
    assert row.status == Status.READY and row.progress == 1


def test_what_leaves_the_queue_and_is_in_neither_list_for_minutes_is_not_gone(cast, sim, time_machine):
    sim.control.options(queue_seconds=86400)
    sim.control.seed(torrents=[{"key": cast.key, "hash": "1" * 40, "state": "queued"}])
    read(cast)
    Torrent.objects.update(sent_at=timezone.now() - timedelta(days=1))
    sim.control.thin_list(cast.key, share=1, times=9, endpoint="getqueued")
    for _ in range(4):
        read(cast)
        time_machine.move_to(timezone.now() + LATER)
    assert statuses() == {Status.QUEUED}


def test_more_files_than_anybody_keeps_are_cut_and_read_only_once(cast, sim):
    files = [(f"Many/{number}.jpg", 1000) for number in range(20_050)]
    sim.control.seed(torrents=[{"key": cast.key, "hash": "1" * 40, "state": "completed", "files": files}])
    read(cast)
    row = Torrent.objects.get()
    assert row.file_count == row.files.count() == 20_000
    revision = row.revision
    read(cast)
    row.refresh_from_db()
    assert row.revision == revision
