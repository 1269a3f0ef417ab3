"""What happens at TorBox after saving, and what is deleted here in time."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.cache import cache
from django.utils import timezone

from accounts.models import Share
from saving import unpacking
from saving.engine import part_files
from saving.models import Folder, Job
from saving.services import after_saving, claims, controlling, ending, pruning, showing, stray_parts
from tests.factories import make_torrent
from tests.saving.factories import make_folder, make_job, where_is
from torrents.models import Activity, ControlRequest, Torrent
from torrents.saving_states import SavingState as State

pytestmark = pytest.mark.django_db
After = Folder.After


def save(torrent: Torrent, folder: Folder, person=None, files=None, **more) -> Job:
    """Save a torrent as the saver does, without its bytes."""
    job = make_job(torrent, folder, person=person, files=files, **more)
    taken = claims.claim(job.pk, "saver")
    assert taken and claims.begin(taken)
    taken.files.update(done_at=timezone.now())
    ending.saved(taken)
    job.refresh_from_db()
    return job


def go_by(job: Job, days: float) -> None:
    """Let days go by since a job was saved."""
    gone = timedelta(days=days)
    job.refresh_from_db()
    job.ended_at -= gone
    job.after_due_at = job.after_due_at and job.after_due_at - gone
    job.save()


def operations() -> list[str]:
    return list(ControlRequest.objects.order_by("pk").values_list("operation", flat=True))


def deleting(save_dir, **fields) -> Folder:
    return make_folder(after=After.DELETE, after_days=7, **fields)


@pytest.fixture
def film(cast) -> Torrent:
    return make_torrent(cast.account, "Film", file_count=2, active=True)


def test_a_folder_that_keeps_changes_nothing_at_torbox(cast, film, save_dir):
    job = save(film, make_folder())
    assert job.after_due_at is None
    after_saving.follow_up()
    assert operations() == []


def test_seeding_is_stopped_right_after_saving_and_once(cast, film, save_dir):
    job = save(film, make_folder(after=After.STOP_SEEDING))
    after_saving.follow_up()
    after_saving.follow_up()
    assert operations() == ["stop_seeding"]
    assert ControlRequest.objects.get().person == job.person
    job.refresh_from_db()
    assert job.after_done_at


def test_what_does_not_seed_is_not_asked_to_stop(cast, save_dir):
    job = save(make_torrent(cast.account, "Film", active=False), make_folder(after=After.STOP_SEEDING))
    after_saving.follow_up()
    job.refresh_from_db()
    assert operations() == [] and job.after_done_at


def test_a_torrent_is_deleted_when_its_days_are_over(cast, film, save_dir):
    job = save(film, deleting(save_dir), person=cast.owner)
    go_by(job, 6.9)
    after_saving.follow_up()
    assert operations() == []
    go_by(job, 0.2)
    after_saving.follow_up()
    film.refresh_from_db()
    assert operations() == ["delete"] and film.removed_at
    assert Activity.objects.get(kind=Activity.Kind.DELETED).person == cast.owner
    after_saving.follow_up()
    assert operations() == ["delete"]


def test_what_the_folder_says_now_counts(cast, film, save_dir):
    kept = save(film, deleting(save_dir))
    Folder.objects.update(after=After.KEEP)
    go_by(kept, 8)
    after_saving.follow_up()
    kept.refresh_from_db()
    assert operations() == [] and kept.after_done_at


def test_more_days_put_off_what_is_due(cast, film, save_dir):
    job = save(film, deleting(save_dir))
    Folder.objects.update(after_days=30)
    go_by(job, 8)
    after_saving.follow_up()
    job.refresh_from_db()
    assert operations() == [] and job.after_due_at == job.ended_at + timedelta(days=30)


def test_a_folder_that_begins_to_delete_leaves_what_was_saved_before(cast, film, save_dir):
    job = save(film, make_folder())
    Folder.objects.update(after=After.DELETE, after_days=1)
    go_by(job, 8)
    after_saving.follow_up()
    assert operations() == []


def test_a_torrent_of_which_a_file_is_missing_stays(cast, film, save_dir):
    first, second = film.files.all()
    folder = deleting(save_dir)
    job = save(film, folder, files=[first])
    go_by(job, 8)
    after_saving.follow_up()
    assert operations() == []
    go_by(save(film, folder, files=[second], base="Film again"), 8)
    after_saving.follow_up()
    assert operations() == ["delete"]


def test_a_torrent_that_is_kept_forever_stays(cast, film, save_dir):
    job = save(film, deleting(save_dir))
    Torrent.objects.update(airlocked=True)
    go_by(job, 8)
    after_saving.follow_up()
    assert operations() == []


def test_a_torrent_that_is_being_saved_elsewhere_is_deleted_later(cast, film, save_dir):
    job = save(film, deleting(save_dir))
    other = make_job(film, make_folder("Archive"))
    go_by(job, 8)
    after_saving.follow_up()
    job.refresh_from_db()
    assert operations() == [] and job.after_due_at > timezone.now()
    other.delete()
    go_by(job, 1)
    after_saving.follow_up()
    assert operations() == ["delete"]


def test_nothing_is_deleted_while_the_disk_is_away(cast, film, save_dir):
    job = save(film, deleting(save_dir))
    go_by(job, 8)
    where_is(job.folder).rename(save_dir / "away")
    after_saving.follow_up()
    assert operations() == []
    (save_dir / "away").rename(where_is(job.folder))
    go_by(job, 1)
    after_saving.follow_up()
    assert operations() == ["delete"]


@pytest.mark.parametrize("level", [Share.Level.VIEW, Share.Level.ADD])
def test_a_person_who_may_not_control_the_torrent_changes_nothing(cast, film, save_dir, level):
    Share.objects.filter(account=cast.account, user=cast.viewer).update(level=level)
    for after in (After.STOP_SEEDING, After.DELETE):
        job = save(film, make_folder(f"For {after}", after=after), person=cast.viewer)
        go_by(job, 8)
    after_saving.follow_up()
    assert operations() == []
    assert not Job.objects.filter(after_done_at=None).exists()


def test_nothing_is_done_for_someone_who_is_suspended(cast, film, save_dir):
    job = save(film, deleting(save_dir), person=cast.owner)
    cast.owner.is_active = False
    cast.owner.save()
    go_by(job, 8)
    after_saving.follow_up()
    assert operations() == []


def test_yesterdays_saved_leaves_the_list(cast, film, save_dir):
    job = save(film, make_folder())
    pruning.prune()
    film.refresh_from_db()
    assert film.saving == State.SAVED
    go_by(job, 1)
    pruning.prune()
    film.refresh_from_db()
    assert film.saving == "" and Job.objects.exists()


def test_jobs_are_kept_for_a_year_and_until_nothing_is_left_to_do(cast, film, save_dir):
    job = save(film, deleting(save_dir))
    go_by(job, 366)
    pruning.prune()
    assert Job.objects.exists()  # it is yet to be deleted from TorBox
    after_saving.follow_up()
    pruning.prune()
    assert not Job.objects.exists()


def test_old_partial_files_without_a_job_are_deleted_and_nothing_else(cast, film, save_dir):
    job = make_job(film)
    root = where_is(job.folder)
    mine = [part_files.part_path(root, file) for file in job.files.all()]
    young = root / "Other/young.mkv.0123abcd.part"
    strays = [root / "Gone/film.mkv.0123abcd.part", root / "film.mkv.0123abcd.part.aria2"]
    strays += [folder / f"{unpacking.TEMPORARY}0123456789abcdef" for folder in (root, root / "Gone")]
    others = [root / "own.part", root / "film.mkv", root / "0123abcd.part.txt"]
    left = root / f"{unpacking.TEMPORARY}0123abcd"
    for path in [*mine, young, *strays, *others, left / "0"]:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")
    (root / "link.0123abcd.part").symlink_to(root / "film.mkv")
    for path in [*mine, *strays, *others, left]:
        make_old(path)
    assert stray_parts.delete_in(job.folder) == 5
    assert (
        all(path.exists() for path in [*mine, young, *others]) and (root / "link.0123abcd.part").is_symlink()
    )
    assert not any(path.exists() for path in [*strays, left])
    assert not (root / "Gone").exists()  # It held nothing else.


def test_what_a_job_left_that_was_canceled_by_a_process_that_was_killed_then_is_deleted(
    cast, at_torbox, save_dir, django_capture_on_commit_callbacks
):
    job = make_job(at_torbox({"film.mkv": 1000, "Subs/film.srt": 100}))
    root = where_is(job.folder)
    parts = [part_files.part_path(root, file) for file in job.files.all()]
    for part in parts:
        part.parent.mkdir(parents=True, exist_ok=True)
        part.write_bytes(b"x")
        make_old(part)
    with django_capture_on_commit_callbacks():  # which are lost
        controlling.cancel(person=cast.owner, jobs=[job], keep_partial=False)
    assert all(part.exists() for part in parts)
    assert stray_parts.delete_in(job.folder) == 2
    assert not list(root.iterdir())


def test_partial_files_of_a_folder_in_another_one_stay(cast, film, save_dir):
    outer, inner = make_folder("All", "all"), make_folder("Films", "all/films")
    job = make_job(film, inner)
    parts = [part_files.part_path(where_is(inner), file) for file in job.files.all()]
    for part in parts:
        part.parent.mkdir(parents=True, exist_ok=True)
        part.write_bytes(b"x")
        make_old(part)
    assert stray_parts.delete_in(outer) == 0
    assert all(part.exists() for part in parts)


def test_disks_are_searched_once_a_day(cast, save_dir):
    cache.delete(pruning.LOOKED)
    root = where_is(make_folder())
    pruning.prune()
    stray = root / "film.mkv.0123abcd.part"
    stray.write_bytes(b"x")
    make_old(stray)
    pruning.prune()
    assert stray.exists()
    cache.delete(pruning.LOOKED)
    pruning.prune()
    assert not stray.exists()


def test_a_day_begins_on_the_servers_clock():
    assert showing.midnight() <= timezone.now() < showing.midnight() + timedelta(days=1, hours=1)


def make_old(path: Path) -> None:
    at = timezone.now().timestamp() - 2 * stray_parts.OLD
    os.utime(path, (at, at))
