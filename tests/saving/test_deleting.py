"""Delete from the disk what was saved of torrents: all of it, nothing else, and whatever happens in between."""

from __future__ import annotations

import os
import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from accounts.models import Share
from saving import archive_stream
from saving.engine import part_files, runner
from saving.models import Folder, Job, JobFile, SavingSettings
from saving.services import claims, deleting, folders, rules, starting
from saving.services import settings as saving_settings
from tests.factories import make_torrent
from tests.needs import lacking
from tests.saving.archive_files import make_zip
from tests.saving.factories import make_folder, make_job, where_is
from tests.saving.test_engine import contents, in_background, part_of, run, wait_for
from torrents.models import Torrent
from torrents.saving_states import SavingState as State

pytestmark = pytest.mark.django_db
MB = 1_000_000
FILES = {"a film.mkv": 1 * MB, "Subs/English.srt": 1234, "empty.txt": 0}


@pytest.fixture
def folder(save_dir) -> Folder:
    return make_folder()


@pytest.fixture
def root(folder) -> Path:
    return where_is(folder)


@pytest.fixture
def film(at_torbox) -> Torrent:
    return at_torbox(FILES)


def left(root: Path) -> set[str]:
    return {path.relative_to(root).as_posix() for path in root.rglob("*") if path.name != ".torbox-web"}


def delete(cast, *torrents: Torrent, person=None) -> int:
    """Mark what was saved of torrents, and do what a saver does."""
    count = deleting.delete_saved(person=person or cast.owner, torrents=torrents)
    deleting.delete_due()
    return count


def go_on_deleting() -> None:
    """Do what a saver does a minute later."""
    Job.objects.update(retry_at=None)
    deleting.delete_due()


def test_all_files_go_with_the_folder_of_the_torrent(cast, film, folder, root):
    run(make_job(film, folder))
    (root / "Of others").mkdir()
    (root / "Of others/film.mkv").write_bytes(b"film")
    assert "An open film/Subs/English.srt" in left(root)
    assert delete(cast, film) == 1
    assert left(root) == {"Of others", "Of others/film.mkv"}
    assert not Job.objects.exists()
    film.refresh_from_db()
    assert film.saving == ""


def test_the_file_of_a_torrent_with_one_goes_and_the_folder_stays(cast, at_torbox, folder, root):
    single = at_torbox(MB, "One film")
    run(make_job(single, folder))
    assert left(root)
    delete(cast, single)
    assert left(root) == set() and root.is_dir()


def test_files_of_others_in_the_folder_of_the_torrent_stay_with_it(cast, film, folder, root):
    run(make_job(film, folder))
    (root / "An open film/poster.jpg").write_bytes(b"by a media server")
    delete(cast, film)
    assert left(root) == {"An open film", "An open film/poster.jpg"}


def test_what_somebody_else_put_in_the_place_of_a_file_stays(cast, film, folder, root, tmp_path):
    run(make_job(film, folder))
    mine = root / "An open film"
    (tmp_path / "precious.srt").write_bytes(b"x" * 1234)
    (mine / "Subs/English.srt").unlink()
    (mine / "Subs/English.srt").symlink_to(tmp_path / "precious.srt")
    (mine / "a film.mkv").write_bytes(b"another version of it")
    delete(cast, film)
    assert (tmp_path / "precious.srt").read_bytes() == b"x" * 1234
    assert (mine / "a film.mkv").read_bytes() == b"another version of it"
    assert (mine / "Subs/English.srt").is_symlink() and not (mine / "empty.txt").exists()
    assert not Job.objects.exists()


def test_a_folder_that_became_a_link_is_not_followed(cast, film, folder, root, tmp_path):
    run(make_job(film, folder))
    shutil.move(root / "An open film", tmp_path / "moved")
    (root / "An open film").symlink_to(tmp_path / "moved")
    delete(cast, film)
    assert (tmp_path / "moved/a film.mkv").exists()
    assert (root / "An open film").is_symlink()


def test_what_was_moved_away_needs_no_deleting(cast, film, folder, root, tmp_path):
    run(make_job(film, folder))
    shutil.move(root / "An open film/a film.mkv", tmp_path / "library.mkv")
    shutil.rmtree(root / "An open film/Subs")
    delete(cast, film)
    assert left(root) == set() and (tmp_path / "library.mkv").exists()


def test_a_file_that_has_another_name_too_keeps_that(cast, film, folder, root, tmp_path):
    """*arr makes hard links."""
    run(make_job(film, folder))
    os.link(root / "An open film/a film.mkv", tmp_path / "library.mkv")
    delete(cast, film)
    assert left(root) == set() and (tmp_path / "library.mkv").stat().st_size == MB


def test_what_came_out_of_archives_goes_too(cast, at_torbox, root, folder):
    if not archive_stream.is_available():
        lacking("bsdtar is missing (libarchive-tools).")
    Folder.objects.update(unpacks=True)
    torrent = at_torbox({"film.zip": 10, "notes.txt": 10}, "A scene")
    job = make_job(torrent, folder)
    file = job.files.get(target="A scene/film.zip")
    (root / "A scene").mkdir()
    make_zip(root / file.target, {"film.mkv": b"film", "Sample/sample.mkv": b"sample"})
    size = (root / file.target).stat().st_size
    JobFile.objects.filter(pk=file.pk).update(done_at=timezone.now(), size=size, bytes_done=size)
    assert run(job).state == State.SAVED
    assert {"A scene/film.mkv", "A scene/Sample/sample.mkv"} < left(root)
    (root / "A scene/other.mkv").write_bytes(b"of others")
    delete(cast, torrent)
    assert left(root) == {"A scene", "A scene/other.mkv"}


class TestWhatIsNotSavedYet:
    @pytest.mark.django_db(transaction=True)
    def test_a_job_that_runs_stops_first(self, cast, at_torbox, folder, root):
        saving_settings.save(SavingSettings(limit=200_000))
        film = at_torbox({"film.mkv": 6 * MB, "second.mkv": MB})
        job = make_job(film, folder)
        thread = in_background(job)
        wait_for(lambda: part_of(job).exists())
        deleting.delete_saved(person=cast.owner, torrents=[film])
        assert deleting.due_ids() == [] and not deleting.delete(job.pk)  # its saver still has it
        thread.join(30)
        assert not thread.is_alive() and deleting.due_ids() == [job.pk]
        assert deleting.delete(job.pk)
        assert left(root) == set() and not Job.objects.exists()

    def test_the_claim_of_a_saver_that_was_killed_ends(self, cast, film, folder, root):
        job = make_job(film, folder, state=State.RUNNING, claim="dead")
        Job.objects.update(claimed_until=timezone.now() + claims.CLAIM)
        deleting.delete_saved(person=cast.owner, torrents=[film])
        assert deleting.due_ids() == []
        Job.objects.update(claimed_until=timezone.now() - timedelta(seconds=1))
        assert deleting.due_ids() == [job.pk]

    def test_a_file_that_got_its_name_just_before_the_saver_was_killed_goes(self, cast, film, folder, root):
        job = make_job(film, folder)
        file = job.files.order_by("-size").first()
        (root / file.target).parent.mkdir(parents=True)
        (root / file.target).write_bytes(bytes(file.size))
        JobFile.objects.filter(pk=file.pk).update(bytes_done=file.size)
        delete(cast, film)
        assert left(root) == set()

    def test_a_file_in_the_place_of_one_that_never_came_stays(self, cast, film, folder, root):
        job = make_job(film, folder)
        file = job.files.order_by("-size").first()
        (root / file.target).parent.mkdir(parents=True)
        (root / file.target).write_bytes(bytes(file.size))
        delete(cast, film)
        assert (root / file.target).exists() and not Job.objects.exists()

    def test_a_file_in_the_place_of_one_that_came_but_has_no_name_yet_stays(self, cast, film, folder, root):
        job = make_job(film, folder)
        file = job.files.order_by("-size").first()
        theirs, part = root / file.target, part_files.part_path(root, file)
        theirs.parent.mkdir(parents=True)
        for path in (theirs, part):
            path.write_bytes(bytes(file.size))
        JobFile.objects.filter(pk=file.pk).update(bytes_done=file.size)
        delete(cast, film)
        assert theirs.exists() and not part.exists() and not Job.objects.exists()

    def test_it_stays_also_if_deleting_was_interrupted_in_between(self, cast, film, folder, root):
        """Once our partial file is gone, nothing on disk tells that the other one isn't ours."""
        job = make_job(film, folder)
        first, second = job.files.filter(size__gt=0).order_by("pk")
        theirs, obstacle = root / first.target, part_files.part_path(root, second)
        for path in (theirs, part_files.part_path(root, first)):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(bytes(first.size))
        obstacle.mkdir(parents=True)
        JobFile.objects.filter(pk=first.pk).update(bytes_done=first.size)
        delete(cast, film)
        assert not part_files.part_path(root, first).exists() and Job.objects.get().deleting
        obstacle.rmdir()
        go_on_deleting()
        assert theirs.exists() and not Job.objects.exists()

    def test_stopping_keeps_what_is_saved(self, cast, film, folder, root):
        job = run(make_job(film, folder))
        waiting = make_job(film, make_folder("Archive"))
        assert deleting.stop_saving(person=cast.owner, torrents=[film]) == 1
        assert not Job.objects.filter(pk=waiting.pk).exists()
        assert Job.objects.get() == job and len(contents(root)) == 3


class TestWhatCannotBeDeleted:
    @pytest.mark.parametrize("number", range(3))
    def test_it_keeps_nothing_else_from_being_deleted(self, cast, film, folder, root, number):
        parts = [part_files.part_path(root, file) for file in make_job(film, folder).files.all()]
        obstacle = parts.pop(number)
        obstacle.mkdir(parents=True)
        for part in parts:
            part.parent.mkdir(parents=True, exist_ok=True)
            part.write_bytes(b"part")
        delete(cast, film)
        assert obstacle.exists() and not any(part.exists() for part in parts)
        assert Job.objects.get().deleting and deleting.due_ids() == []
        obstacle.rmdir()
        go_on_deleting()
        assert left(root) == set() and not Job.objects.exists()


class TestADiskThatIsAway:
    def test_it_is_tried_again_later(self, cast, film, folder, root):
        job = run(make_job(film, folder))
        hidden = root.with_name("unplugged")
        root.rename(hidden)
        root.mkdir()  # the empty mount point
        delete(cast, film)
        assert Job.objects.get().deleting and not Job.objects.get().claim
        assert deleting.due_ids() == []
        root.rmdir()
        hidden.rename(root)
        Job.objects.update(retry_at=timezone.now() - timedelta(seconds=1))
        assert deleting.due_ids() == [job.pk]
        go_on_deleting()
        assert left(root) == set() and not Job.objects.exists()


class TestAFolderWhosePathChanged:
    def test_files_are_deleted_where_they_were_saved_and_nowhere_else(self, cast, film, folder, root):
        job = run(make_job(film, folder))
        folders.change(folder, path="elsewhere")
        theirs = where_is(Folder.objects.get()) / job.base
        shutil.copytree(root / job.base, theirs)
        delete(cast, film)
        assert left(root) == set() and len(list(theirs.rglob("*.*"))) == 3
        assert not Job.objects.exists()

    def test_what_was_to_be_deleted_when_it_changed_waits_for_the_old_disk(self, cast, film, folder, root):
        job = run(make_job(film, folder))
        deleting.delete_saved(person=cast.owner, torrents=[film])
        hidden = root.with_name("unplugged")
        root.rename(hidden)
        folders.change(folder, path="elsewhere")
        theirs = where_is(Folder.objects.get()) / job.base
        shutil.copytree(hidden / job.base, theirs)
        deleting.delete_due()
        assert Job.objects.get().deleting
        root.mkdir()  # the empty mount point
        go_on_deleting()
        assert Job.objects.get().deleting
        root.rmdir()
        hidden.rename(root)
        go_on_deleting()
        assert left(root) == set() and len(list(theirs.rglob("*.*"))) == 3
        assert not Job.objects.exists()

    def test_what_was_saved_there_for_another_folder_meanwhile_stays(self, cast, film, folder, root):
        run(make_job(film, folder, person=cast.member))
        folders.change(folder, path="elsewhere")
        shutil.rmtree(root / film.name)
        other = run(make_job(film, make_folder("Others", path="films")))
        assert delete(cast, film, person=cast.member) == 1
        assert Job.objects.get() == other and len(contents(root)) == 3
        delete(cast, film)
        assert left(root) == set() and not Job.objects.exists()


class TestSavingOnceMore:
    def test_what_is_saved_meanwhile_gets_another_name_and_stays(self, cast, film, folder, root):
        run(make_job(film, folder))
        deleting.delete_saved(person=cast.owner, torrents=[film])
        (new,) = starting.save(person=cast.owner, torrents=[film], folder=folder)
        assert new.base == "An open film (2)"
        runner.run(new.pk)
        deleting.delete_due()
        assert {path.partition("/")[0] for path in left(root)} == {"An open film (2)"}
        assert Job.objects.get().state == State.SAVED

    def test_afterwards_the_name_is_free_again(self, cast, film, folder):
        run(make_job(film, folder))
        delete(cast, film)
        (new,) = starting.save(person=cast.owner, torrents=[film], folder=folder)
        assert new.base == "An open film"


class TestAddingAgainWhatIsStillThere:
    def test_it_counts_as_saved_for_the_torrent_that_was_added_again(self, cast, film, folder):
        job = run(make_job(film, folder))
        Torrent.objects.filter(pk=film.pk).update(added_at=timezone.now())
        assert starting.save(person=cast.owner, torrents=[film], folder=folder) == []
        job.refresh_from_db()
        film.refresh_from_db()
        assert job.state == State.SAVED and job.created_at > film.added_at

    def test_what_is_gone_from_the_disk_is_saved_again(self, cast, film, folder, root):
        job = run(make_job(film, folder))
        shutil.rmtree(root / job.base)
        Torrent.objects.filter(pk=film.pk).update(added_at=timezone.now())
        assert starting.save(person=cast.owner, torrents=[film], folder=folder)


class TestWhoMay:
    def test_members_delete_what_they_saved_and_nothing_of_others(self, cast, film, folder):
        theirs = make_job(film, folder, person=cast.owner)
        mine = make_job(film, make_folder("Mine"), person=cast.member)
        assert delete(cast, film, person=cast.member) == 1
        assert Job.objects.get() == theirs != mine

    def test_what_a_rule_saved_because_they_added_it_is_theirs(self, cast, film, folder):
        rule, _ = rules.add(owner=cast.owner, folder=folder, tag="tv")
        job = make_job(film, folder, person=cast.owner, rule=rule)
        assert delete(cast, film, person=cast.member) == 0
        Torrent.objects.filter(pk=film.pk).update(added_by=cast.member)
        assert delete(cast, film, person=cast.member) == 1
        assert not Job.objects.filter(pk=job.pk).exists()

    def test_nobody_deletes_what_they_no_longer_see(self, cast, film, folder):
        make_job(film, folder, person=cast.member)
        Share.objects.all().delete()
        assert delete(cast, film, person=cast.member) == 0
        assert Job.objects.exists()

    def test_owners_of_the_instance_delete_everything_that_they_see(self, cast, film, folder):
        make_job(film, folder, person=cast.member)
        assert delete(cast, film) == 1


def test_jobs_of_before_are_where_their_folders_are(transactional_db, cast, save_dir, request):
    before = [("saving", "0005_tried_files")]
    folder = make_folder(path="media/films")
    film = make_torrent(cast.account)
    request.addfinalizer(lambda: call_command("migrate", verbosity=0))
    executor = MigrationExecutor(connection)
    executor.migrate(before)
    jobs = executor.loader.project_state(before).apps.get_model("saving", "Job").objects
    jobs.create(torrent_id=film.pk, account_id=cast.account.pk, folder_id=folder.pk)
    call_command("migrate", verbosity=0)
    assert Job.objects.get().path == "media/films"
