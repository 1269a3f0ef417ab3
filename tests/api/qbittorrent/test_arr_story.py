"""*arr's story: a grab by category, TorBox, the category's folder, import, removal. Whatever TorBox does, once each.

The calls of *arr itself are in `recorded`. Here they go through everything that has gone wrong with other bridges: adds
that wait for TorBox, torrents in its queue taken for failed, and completed ones whose path isn't there.
"""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from saving.engine import runner
from saving.models import Job
from saving.services import automatic, deleting, pruning
from tests.api.qbittorrent.programs import OK, Program
from tests.factories import let_waiting_end
from tests.saving.factories import make_folder, where_is
from torrents.models import AddRequest, ControlRequest, Torrent
from torrents.services.outbox import controls, edits, sending
from torrents.services.sync import refreshing

pytestmark = pytest.mark.django_db
WAITING = ("metaDL", "queuedDL")
COMPLETE = "pausedUP"


class Story:
    """A release that Sonarr grabs, and what the worker and the saver do about it."""

    def __init__(self, cast, sim, files: Any, name: str = "A.Show.S01E01.1080p") -> None:
        self.cast, self.sim = cast, sim
        self.arr = Program(cast.member)
        self.work = sim.control.make_work(name, files)
        self.hash = self.work.info_hash

    def grab(self) -> None:
        before = self.sim.control.count()
        form = {"urls": self.work.magnet, "category": "tv", "stopped": "false", "contentLayout": "Original"}
        assert self.arr("torrents/add", **form) == OK
        assert self.sim.control.count() == before, "the program waited for TorBox"
        assert self.arr.read("torrents/properties", hash=self.hash)["hash"] == self.hash

    def row(self) -> dict[str, Any]:
        (row,) = self.arr.info(category="tv")
        assert row["hash"] == self.hash
        return row

    def work_on(self) -> None:
        """Do what the worker does every few seconds."""
        sending.send_due(self.cast.account.pk)
        refreshing.refresh(self.cast.account, fresh=True)
        edits.send_due(self.cast.account.pk)
        automatic.apply_rules()

    def save(self) -> None:
        """Do what a saver does."""
        for job in Job.objects.unfinished():
            runner.run(job.pk)

    def finish(self) -> Path:
        """Let it come, and return the path that *arr imports."""
        self.sim.control.cache([self.hash])
        self.sim.control.advance(3600)
        self.work_on()
        assert self.row()["state"] == "downloading" and self.row()["progress"] < 1
        self.save()
        return self.is_complete()

    def is_complete(self) -> Path:
        row = self.row()
        assert (row["state"], row["progress"], row["amount_left"]) == (COMPLETE, 1, 0)
        assert row["content_path"] != row["save_path"]
        return Path(row["content_path"])

    def remove(self, *, with_files: bool = True) -> None:
        fields = {"deleteFiles": "true"} if with_files else {}
        assert self.arr("torrents/delete", hashes=self.hash, **fields) == OK
        assert self.arr.info(category="tv") == []
        let_waiting_end(self.cast.account)
        controls.send_due(self.cast.account.pk)
        deleting.delete_due()

    def at_torbox(self) -> list[str]:
        """Return the info hashes in TorBox's list and queue."""
        accounts = self.sim.control.state()["accounts"]
        return [row["hash"] for account in accounts for row in (*account["torrents"], *account["queue"])]


@pytest.fixture
def folder(save_dir):
    return make_folder("TV", "media/tv")


@pytest.fixture
def story(cast, sim, folder) -> Story:
    return Story(cast, sim, {"A.Show.S01E01.mkv": 300_000, "A.Show.S01E01.nfo": 100})


def bytes_below(path: Path) -> dict[str, bytes]:
    return {
        file.relative_to(path).as_posix(): file.read_bytes() for file in path.rglob("*") if file.is_file()
    }


class TestWhenAllGoesWell:
    def test_from_the_grab_to_the_removal(self, story, folder, sim):
        story.grab()
        assert story.row()["state"] in WAITING
        content = story.finish()
        assert content == where_is(folder) / "A.Show.S01E01.1080p"
        assert bytes_below(content) == {
            name: sim.control.expected_bytes(story.hash, name)
            for name in ("A.Show.S01E01.mkv", "A.Show.S01E01.nfo")
        }
        assert [file["name"] for file in story.arr.read("torrents/files", hash=story.hash)] == [
            "A.Show.S01E01.1080p/A.Show.S01E01.mkv",
            "A.Show.S01E01.1080p/A.Show.S01E01.nfo",
        ]
        story.remove()
        assert story.at_torbox() == [] and not content.exists() and where_is(folder).is_dir()
        assert not Job.objects.exists()
        assert set(sim.control.accepted().values()) == {1}

    def test_a_single_file_is_its_own_path(self, cast, sim, folder):
        story = Story(cast, sim, 250_000, "A.Film.2024.mkv")
        story.grab()
        content = story.finish()
        assert content == where_is(folder) / "A.Film.2024.mkv" and content.stat().st_size == 250_000
        story.remove()
        assert not content.exists()

    @pytest.mark.parametrize("name", ["No extension", "Odd: name? (2024) [x].", "Ünïcode – 映画"])
    def test_the_path_is_the_one_on_disk_whatever_the_name(self, cast, sim, folder, name):
        story = Story(cast, sim, {"film.mkv": 1000, "sub/s.srt": 10}, name)
        story.grab()
        content = story.finish()
        assert content.is_dir() and (content / "film.mkv").stat().st_size == 1000

    def test_without_files_to_delete_what_was_saved_stays(self, story):
        story.grab()
        content = story.finish()
        story.remove(with_files=False)
        assert story.at_torbox() == [] and len(bytes_below(content)) == 2

    def test_a_file_that_arr_has_moved_leaves_no_empty_folder(self, story, tmp_path):
        story.grab()
        content = story.finish()
        shutil.move(content / "A.Show.S01E01.mkv", tmp_path / "library.mkv")
        story.remove()
        assert not content.exists() and (tmp_path / "library.mkv").exists()

    def test_after_a_day_it_is_still_complete(self, story):
        story.grab()
        content = story.finish()
        Job.objects.update(ended_at=timezone.now() - timedelta(days=3))
        pruning.prune()
        assert story.is_complete() == content


class TestTorBox:
    def test_slow(self, story, sim):
        """A grab makes no call to TorBox at all, so it can't wait for one (`Story.grab`)."""
        sim.control.fail("createtorrent", "delay", delay=0.5, times=1)
        story.grab()
        story.finish()
        assert sim.control.accepted() == {story.hash: 1}

    def test_down(self, story, sim):
        sim.stop()
        form = {"urls": story.work.magnet, "category": "tv"}
        assert story.arr("torrents/add", **form) == OK
        sending.send_due(story.cast.account.pk)
        for _ in range(3):  # *arr grabs it again, because it thinks that it has lost it
            assert story.arr("torrents/add", **form) == OK
        assert story.row()["state"] in WAITING
        sim.restart()
        let_waiting_end(story.cast.account)
        story.finish()
        assert sim.control.accepted() == {story.hash: 1}

    def test_an_answer_that_is_lost(self, story, sim, settings):
        sim.control.fail("createtorrent", "drop", after=True)
        story.grab()
        sending.send_due(story.cast.account.pk)
        assert AddRequest.objects.get().state == "unsure" and story.row()["state"] == "metaDL"
        assert story.arr("torrents/add", urls=story.work.magnet, category="tv") == OK
        let_waiting_end(story.cast.account)
        story.finish()
        assert sim.control.accepted() == {story.hash: 1}

    def test_its_queue(self, story, sim):
        """What waits for a slot is queued, neither failed nor deleted, and leaves TorBox's queue when *arr removes it."""
        sim.control.account(story.cast.key, plan=0, monthly_limit=99)
        sim.control.options(free_cooldown=0)
        other = sim.control.make_work("In the only slot", 1000)
        sim.control.seed(torrents=[{"key": story.cast.key, "work": other, "state": "downloading"}])
        story.grab()
        story.work_on()
        assert Torrent.objects.get(info_hash=story.hash).queued_id and story.row()["state"] == "queuedDL"
        assert story.at_torbox() == [other.info_hash, story.hash]
        story.remove()
        assert story.at_torbox() == [other.info_hash]

    @pytest.mark.parametrize(
        ("code", "detail"),
        [
            ("DIFF_ISSUE", "You have reached the maximum queued torrents."),
            ("ACTIVE_LIMIT", "No."),
            ("COOLDOWN_LIMIT", "No."),
            ("MONTHLY_LIMIT", "No."),
        ],
    )
    def test_a_limit(self, story, sim, code, detail):
        body = {"success": False, "error": code, "detail": detail, "data": None}
        sim.control.fail("createtorrent", kind="status", status=400, body=body)
        story.grab()
        story.work_on()
        assert story.row()["state"] == "queuedDL"
        let_waiting_end(story.cast.account)
        story.finish()

    def test_too_many_requests(self, story, sim):
        sim.control.fail("createtorrent", "429_headers")
        story.grab()
        story.work_on()
        for _ in range(5):
            assert story.arr("torrents/add", urls=story.work.magnet, category="tv") == OK
            sending.send_due(story.cast.account.pk)
        assert story.row()["state"] in WAITING and sim.control.count("createtorrent") == 1
        let_waiting_end(story.cast.account)
        story.finish()
        assert sim.control.accepted() == {story.hash: 1}

    def test_what_it_refuses_is_an_error_and_can_be_removed(self, story, sim):
        sim.control.fail("createtorrent", "403_plan")
        story.grab()
        story.work_on()
        assert story.row()["state"] == "error"
        story.remove()
        assert ControlRequest.objects.get().state == "done" and story.at_torbox() == []


class TestRemovingEarly:
    def test_before_it_was_sent(self, story, sim):
        story.grab()
        story.remove()
        sending.send_due(story.cast.account.pk)
        assert story.at_torbox() == [] and sim.control.accepted() == {}

    def test_while_it_is_being_saved(self, story, folder):
        story.grab()
        story.sim.control.cache([story.hash])
        story.work_on()
        assert Job.objects.unfinished().exists()
        story.remove()
        assert not Job.objects.exists() and bytes_below(where_is(folder)) == {}

    def test_and_grabbing_it_again_saves_it_again(self, story):
        story.grab()
        first = story.finish()
        story.remove()
        story.grab()
        assert story.finish() == first and len(bytes_below(first)) == 2

    def test_and_grabbing_it_again_at_once(self, story):
        """The deletion at TorBox waits some seconds, so TorBox keeps it. What was saved is gone, and is saved again."""
        story.grab()
        first = story.finish()
        assert story.arr("torrents/delete", hashes=story.hash, deleteFiles="true") == OK
        story.grab()
        assert story.row()["state"] != COMPLETE
        deleting.delete_due()
        assert not first.exists()
        story.work_on()
        assert story.row()["state"] == "downloading"
        story.save()
        assert len(bytes_below(story.is_complete())) == 2
        assert story.sim.control.accepted() == {story.hash: 1}

    def test_and_grabbing_it_again_while_its_files_are_still_there(self, story):
        story.grab()
        content = story.finish()
        story.remove(with_files=False)
        story.grab()
        story.sim.control.advance(3600)
        story.work_on()
        story.save()
        assert story.is_complete() == content


class TestWithoutAFolder:
    def test_arr_is_told_that_there_is_nothing_to_import(self, cast, sim, save_dir):
        story = Story(cast, sim, 1000)
        story.grab()
        sim.control.cache([story.hash])
        story.work_on()
        row = story.row()
        assert row["state"] == COMPLETE and row["content_path"] == row["save_path"]

    def test_choosing_one_later_saves_it(self, cast, sim, save_dir):
        story = Story(cast, sim, 1000)
        story.grab()
        sim.control.cache([story.hash])
        story.work_on()
        make_folder("Elsewhere")
        where = f"{save_dir}/elsewhere"
        assert story.arr("torrents/editCategory", category="tv", savePath=where) == OK
        assert story.row()["state"] == "downloading"
        story.work_on()
        story.save()
        assert story.is_complete().parent == Path(where)

    def test_with_a_mount_it_is_complete_there(self, cast, sim, settings):
        settings.MEDIA_PATH = "/mnt/torbox"
        story = Story(cast, sim, {"film.mkv": 1000, "a.nfo": 10}, "A film")
        story.grab()
        sim.control.cache([story.hash])
        story.work_on()
        row = story.row()
        assert (row["state"], row["content_path"]) == (COMPLETE, "/mnt/torbox/A film")
