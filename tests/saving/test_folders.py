"""Folders below SAVE_DIR: on disk, in the database, and who may use them."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

import pytest

from accounts.models import User
from saving import markers, slow_disks
from saving.engine import part_files
from saving.models import Folder, Job, Rule
from saving.services import folders
from saving.services.folders import Refusal, Unusable
from tests.factories import make_torrent, make_user
from tests.saving.factories import make_folder, make_job, where_is
from torrents.models import Torrent

pytestmark = pytest.mark.django_db
Cause = Job.Cause


def add(cast, name: str = "Films", path: str = "films", **fields) -> Folder:
    return folders.add(owner=cast.owner, name=name, path=path, **fields)


def cause_of(call, *args, **kwargs) -> str:
    with pytest.raises(Unusable) as raised:
        call(*args, **kwargs)
    return raised.value.cause


@pytest.fixture
def hanging_disk(monkeypatch):
    """A network share that doesn't answer until the test ends."""
    release = threading.Event()
    real = os.statvfs

    def statvfs(path):
        release.wait(60)
        return real(path)

    monkeypatch.setattr(os, "statvfs", statvfs)
    yield
    release.set()


class TestMaking:
    def test_a_folder_is_made_on_disk_with_those_above_it(self, cast, save_dir):
        folder = add(cast, path="media/films")
        assert (save_dir / "media/films").is_dir()
        assert folders.where(folder) == save_dir / "media/films"
        assert Folder.objects.get().path == "media/films"

    def test_a_folder_that_is_there_is_used_with_what_is_in_it(self, cast, save_dir):
        (save_dir / "films").mkdir()
        (save_dir / "films/old.mkv").write_bytes(b"old")
        add(cast)
        assert (save_dir / "films/old.mkv").read_bytes() == b"old"

    @pytest.mark.parametrize(
        ("given", "stored"),
        [
            ("films/", "films"),
            (" films ", "films"),
            ("media//films", "media/films"),
            ("./films", "films"),
            ("{}/films", "films"),
            ("{}", ""),
            ("", ""),
            ("Filme & Serien #1", "Filme & Serien #1"),
        ],
    )
    def test_a_path_is_stored_relative_to_save_dir(self, cast, save_dir, given, stored):
        assert add(cast, path=given.format(save_dir)).path == stored
        assert (save_dir / stored).is_dir()

    @pytest.mark.parametrize(
        ("path", "cause"),
        [
            ("/etc", Refusal.OUTSIDE),
            ("..", Refusal.OUTSIDE),
            ("films/../../x", Refusal.OUTSIDE),
            ("{}/../x", Refusal.OUTSIDE),
            ("{}x", Refusal.OUTSIDE),
            ("films\x00", Cause.NAME),
            ("films\nx", Cause.NAME),
            ("\u202esmlif", Cause.NAME),
            ("\ud800", Cause.NAME),
            ("x" * 256, Cause.NAME),
            ("x/" * 251, Cause.NAME),
        ],
    )
    def test_a_path_that_leads_outside_or_cant_be_one_is_refused(self, cast, save_dir, path, cause):
        before = set(save_dir.parent.rglob("*"))
        assert cause_of(add, cast, path=path.format(save_dir)) == cause
        assert not Folder.objects.exists() and set(save_dir.parent.rglob("*")) == before

    @pytest.mark.parametrize("path", ["link", "link/films", "films/link"])
    @pytest.mark.parametrize("leads", ["outside", "inside"])
    def test_a_path_through_a_symbolic_link_is_refused(self, cast, save_dir, tmp_path, path, leads):
        target = tmp_path / "outside" if leads == "outside" else save_dir / "inside"
        target.mkdir()
        (save_dir / "films").mkdir()
        (save_dir / "link").symlink_to(target)
        (save_dir / "films/link").symlink_to(target)
        assert cause_of(add, cast, path=path) in (Refusal.OUTSIDE, Cause.DENIED)
        assert not list(target.iterdir()) and not Folder.objects.exists()

    def test_save_dir_itself_may_be_behind_a_symbolic_link(self, cast, settings, tmp_path):
        (tmp_path / "disk").mkdir()
        (tmp_path / "save").symlink_to(tmp_path / "disk")
        settings.SAVE_DIR = (tmp_path / "save").resolve()  # as the settings read it
        assert folders.where(add(cast)) == tmp_path / "disk/films"

    def test_names_and_places_are_unique(self, cast, save_dir):
        add(cast)
        assert cause_of(add, cast, name="films", path="other") == Refusal.NAME_TAKEN
        assert not (save_dir / "other").exists()
        assert cause_of(add, cast, name="Other", path="./films") == Refusal.PATH_TAKEN

    def test_one_folder_may_lie_in_another_one(self, cast, save_dir):
        add(cast, name="All", path="")
        add(cast, name="Films", path="films")
        assert folders.where(add(cast, name="Kids", path="films/kids")) == save_dir / "films/kids"

    def test_what_isnt_there_or_cant_be_written_is_told(self, cast, save_dir, settings):
        (save_dir / "file").write_bytes(b"")
        assert cause_of(add, cast, path="file") == Cause.MISSING
        assert cause_of(add, cast, path="file/films") == Cause.MISSING
        settings.SAVE_DIR = save_dir / "gone"
        assert cause_of(add, cast) == Cause.MISSING
        settings.SAVE_DIR = Path("/proc")
        assert cause_of(add, cast) in (Cause.MISSING, Cause.DENIED)
        settings.SAVE_DIR = None
        assert cause_of(add, cast) == Cause.MISSING and not folders.is_on()


class TestChanging:
    def test_everything_about_a_folder_can_change(self, cast, save_dir):
        folder = add(cast)
        markers.mark(folder, save_dir / "films")
        fields = {
            "floor": 5,
            "after": Folder.After.DELETE,
            "after_days": 3,
            "unpacks": True,
            "for_everyone": False,
        }
        folders.change(folder, name="Movies", path="movies", people=[cast.viewer], **fields)
        folder = Folder.objects.get()
        assert (folder.name, folder.path, list(folder.people.all())) == ("Movies", "movies", [cast.viewer])
        assert {name: getattr(folder, name) for name in fields} == fields
        assert folder.marked_at is None and (save_dir / "films").is_dir() and (save_dir / "movies").is_dir()

    def test_a_folder_keeps_what_isnt_changed_and_its_own_name(self, cast, save_dir):
        folder = add(cast, people=[cast.viewer], floor=5)
        folders.change(folder, name="FILMS")
        folder = Folder.objects.get()
        assert (folder.name, folder.floor, list(folder.people.all())) == ("FILMS", 5, [cast.viewer])

    def test_a_path_cant_change_while_something_is_saved_there(self, cast, save_dir):
        folder = add(cast)
        make_job(make_torrent(cast.account), folder)
        assert cause_of(folders.change, folder, path="other") == Refusal.BUSY
        assert folders.change(folder, path="films", floor=7).floor == 7
        Job.objects.update(ended_at="2026-01-01T00:00Z")
        assert folders.change(folder, path="other").path == "other"

    def test_a_folder_that_was_removed_meanwhile_isnt_made_again(self, cast, save_dir):
        folder = add(cast)
        Folder.objects.all().delete()
        assert cause_of(folders.change, folder, name="x") == Cause.MISSING
        assert not Folder.objects.exists()


class TestRemoving:
    def test_files_stay_and_jobs_and_rules_go(self, cast, save_dir, django_capture_on_commit_callbacks):
        folder, other = add(cast), add(cast, name="Music", path="music")
        torrent = make_torrent(cast.account, "A show", file_count=2)
        job, kept = make_job(torrent, folder), make_job(make_torrent(cast.account, "B"), other)
        Rule.objects.create(kind=Rule.Kind.TAG, tag="x", folder=folder, made_by=cast.owner)
        whole, begun = job.files.select_related("job__torrent")
        (save_dir / "films" / job.base).mkdir()
        (save_dir / "films" / whole.target).write_bytes(b"whole")
        part = part_files.part_path(save_dir / "films", begun)
        part.write_bytes(b"begun")
        Torrent.objects.filter(pk=torrent.pk).update(saving="running")
        with django_capture_on_commit_callbacks(execute=True):
            folders.remove(folder)
        assert (save_dir / "films" / whole.target).read_bytes() == b"whole" and not part.exists()
        assert list(Folder.objects.all()) == [other] and list(Job.objects.all()) == [kept]
        assert not Rule.objects.exists() and Torrent.objects.get(pk=torrent.pk).saving == ""


class TestSpace:
    def test_space_is_that_of_the_file_system(self, cast, save_dir):
        found, real = folders.space(add(cast)), os.statvfs(save_dir)
        assert found.total == real.f_blocks * real.f_frsize and found.cause == ""
        assert 0 < found.free <= found.total

    def test_a_folder_that_is_gone_or_not_mounted_is_not_available(self, cast, save_dir):
        folder = make_folder()
        markers.mark(folder, where_is(folder))
        folder.refresh_from_db()
        assert folders.space(folder).cause == ""
        (where_is(folder) / markers.NAME).unlink()  # what an empty mount point looks like
        assert folders.space(folder).cause == Cause.MISSING
        where_is(folder).rmdir()
        assert folders.space(folder).cause == Cause.MISSING
        where_is(folder).symlink_to("/tmp")
        assert folders.space(folder).cause == Cause.DENIED

    def test_disks_that_dont_answer_are_waited_for_once(self, cast, save_dir, hanging_disk):
        several = [make_folder(f"Folder {number}", f"{number}") for number in range(20)]
        begun, began_at = threading.active_count(), time.monotonic()
        for _ in range(2):
            found = folders.spaces(several)
            assert {space.cause for space in found.values()} == {Cause.MISSING} and len(found) == 20
        assert threading.active_count() <= begun + 20
        assert time.monotonic() - began_at < 20 * slow_disks.PATIENCE


class TestChecking:
    def test_a_test_leaves_nothing_but_the_mark(self, cast, save_dir):
        folder = add(cast)
        folders.check(folder)
        assert [file.name for file in (save_dir / "films").iterdir()] == [markers.NAME]
        assert Folder.objects.get().marked_at

    @pytest.mark.parametrize("files", [[], ["@eaDir", "not mounted.txt"]])
    def test_a_folder_without_its_mark_is_known_again_only_if_someone_says_so(self, cast, save_dir, files):
        folder = add(cast)
        folders.check(folder)
        mark = save_dir / "films" / markers.NAME
        mark.unlink()  # what a mount point looks like, which need not be empty
        for name in files:
            (save_dir / "films" / name).write_bytes(b"x")
        folder.refresh_from_db()
        assert cause_of(folders.check, folder) == Refusal.UNMARKED
        assert sorted(file.name for file in (save_dir / "films").iterdir()) == files
        assert folders.space(folder).cause == Cause.MISSING
        folders.check(folder, marks=True)
        assert mark.exists() and folders.space(folder).cause == ""

    def test_what_cant_be_written_is_told(self, cast, save_dir, settings):
        folder = add(cast)
        settings.SAVE_DIR = Path("/proc")
        folder.path = "self"
        assert cause_of(folders.check, folder) in (Cause.DENIED, Cause.MISSING)
        settings.SAVE_DIR = Path("/sys")
        folder.path = "kernel"
        assert cause_of(folders.check, folder) in (Cause.DENIED, Cause.READ_ONLY, Cause.MISSING)


class TestWho:
    def test_people_use_folders_for_everyone_and_those_that_name_them(self, cast, save_dir):
        guest = make_user("guest", User.Role.GUEST)
        everyone, named = make_folder("A", "a"), make_folder("B", "b", for_everyone=False)
        named.people.add(guest, cast.member)
        nobody = make_folder("C", "c", for_everyone=False)

        def usable(person) -> list[Folder]:
            return list(Folder.objects.usable_by(person))

        assert usable(cast.owner) == [everyone, named, nobody]
        assert usable(cast.member) == usable(guest) == [everyone, named]
        assert usable(cast.viewer) == [everyone]
