"""Save files from the simulated TorBox, whatever its CDN, the disk, and people do in the meantime."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from saving import tasks
from saving.engine import part_files, preparing, runner
from saving.models import Folder, Job, JobFile
from saving.services import claims, controlling, folders
from tests.saving.factories import make_folder, make_job, where_is
from tests.saving.small_disk import mounted, remount
from tests.saving.steps import (
    contents,
    has_all_bytes,
    in_background,
    limit_to,
    part_of,
    retry,
    run,
    wait_for,
    wait_until_ended,
)
from torrents.models import Activity, Torrent
from torrents.saving_states import SavingState as State
from torrents.states import Status

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("save_dir", "hurry")]
MB = 1_000_000
FILES = {"a film.mkv": 3 * MB, "sub/notes.srt": 1234, "empty.txt": 0}
committed = pytest.mark.django_db(transaction=True)


# -- the CDN


def test_it_is_an_event_and_stays_in_the_list_for_the_day(film, cast):
    job = run(make_job(film, person=cast.member))
    event = Activity.objects.get(kind=Activity.Kind.SAVED)
    assert (event.torrent, event.person) == (film, cast.member)
    assert event.params == {"folder": "Films", "files": 1, "size": 3 * MB}
    film.refresh_from_db()
    assert film.saving == State.SAVED == job.state


def test_a_connection_that_breaks_is_taken_up_where_it_broke(film, sim):
    sim.control.options(cdn_cut_bytes=400_000)
    assert has_all_bytes(run(make_job(film)), sim)
    assert sim.control.count("requestdl") == 1


@pytest.mark.parametrize("status", [301, 307])
def test_a_redirect_is_not_followed(film, sim, status):
    sim.control.fail(
        "cdn", status=status, body="<html>No.</html>", headers={"location": "http://127.0.0.1:9/"}
    )
    assert has_all_bytes(run(make_job(film)), sim)


@pytest.mark.parametrize("fault", ["drop", "refuse", "truncate"])
def test_a_lost_connection_is_made_again(film, sim, fault):
    sim.control.fail("cdn", kind=fault, times=3, after=True)
    assert has_all_bytes(run(make_job(film)), sim)


def test_a_cdn_that_ignores_ranges_is_read_from_the_beginning(film, sim):
    sim.control.options(cdn_ranges=False)
    sim.control.fail("cdn", kind="truncate", after=True)
    job = run(make_job(film))
    assert has_all_bytes(job, sim)


def test_it_waits_as_long_as_the_cdn_asks_for(film, sim):
    """A longer time than a thread should wait for."""
    sim.control.fail("cdn", status=429, headers={"retry-after": "120"})
    job = run(make_job(film))
    assert (job.state, job.cause) == (State.WAITING, Job.Cause.TORBOX)
    assert timedelta(seconds=100) < job.retry_at - timezone.now() <= timedelta(seconds=120)
    assert not job.claim and job.pk not in claims.due_ids()
    assert has_all_bytes(retry(job), sim)


def test_a_day_that_torbox_asks_for_is_waited_for_and_no_longer(film, sim):
    """However often that was. A time further ahead than two days would count as that of a wrong clock, and be ignored."""
    sim.control.fail("requestdl", kind="429", headers={"retry-after": "86400"})
    job = run(make_job(film, attempts=7))
    assert (job.state, job.cause) == (State.WAITING, Job.Cause.TORBOX)
    assert timedelta(hours=23) < job.retry_at - timezone.now() <= timedelta(days=1)
    assert job.pk not in claims.due_ids()


def test_a_cdn_that_is_down_is_tried_less_and_less_often(film, sim):
    sim.control.fail("cdn", kind="refuse", times=1000)
    job = make_job(film)
    waits = []
    for _ in range(3):
        job = retry(job)
        assert (job.state, job.cause) == (State.WAITING, Job.Cause.TORBOX)
        waits.append((job.retry_at - timezone.now()).total_seconds())
    assert waits[0] < waits[1] < waits[2]
    sim.control.clear_faults()
    assert has_all_bytes(retry(job), sim)


def test_what_has_come_is_kept_while_torbox_is_down(film, sim):
    sim.control.fail("cdn", kind="truncate", after=True)
    sim.control.fail("cdn", kind="refuse", times=1000)
    job = run(make_job(film))
    assert job.bytes_done == part_of(job).stat().st_size == pytest.approx(1.5 * MB, abs=MB / 10)
    assert set(contents(where_is(job.folder))) == {part_of(job).name}


def test_a_file_of_unknown_size_is_not_empty_because_the_cdn_refuses_once(film, sim):
    job = make_job(film)
    job.files.update(size=0)
    Job.objects.filter(pk=job.pk).update(bytes_total=0)
    sim.control.fail("cdn", status=404, body="<html>No.</html>")
    sim.control.fail("cdn", kind="body", body="<html>Please wait.</html>")
    assert has_all_bytes(run(job), sim)


def test_a_partial_file_that_is_too_long_begins_again(film, sim):
    job = make_job(film)
    part_of(job).write_bytes(b"x" * 4 * MB)
    assert has_all_bytes(run(job), sim)


def test_one_file_that_is_gone_does_not_keep_the_others(at_torbox, sim):
    job = make_job(at_torbox(FILES))
    job.files.filter(path__endswith="notes.srt").update(remote_id=999)
    job = run(job)
    assert (job.state, job.cause) == (State.FAILED, Job.Cause.GONE)
    assert job.cause_params["file"].endswith("notes.srt")
    assert job.files.filter(done_at=None).count() == 1 and job.bytes_done == 3 * MB
    event = Activity.objects.get(kind=Activity.Kind.NOT_SAVED)
    assert event.code == Job.Cause.GONE and event.params["folder"] == "Films"


def test_however_many_are_never_sent_the_others_get_their_turn(at_torbox, sim):
    """Not all of them in one go, because it may be that TorBox sends nothing at all."""
    sim.control.options(cdn_lost="lost")
    job = make_job(at_torbox({f"lost {number}.mkv": 1000 for number in range(5)} | {"there.mkv": 1000}))
    undone = []
    for _ in range(3):
        job = retry(job)
        assert (job.state, job.cause) == (State.WAITING, Job.Cause.TORBOX)
        undone.append(job.files.filter(done_at=None).count())
    assert undone == [6, 5, 5]
    assert job.cause_params["missing"] == 5
    sim.control.options(cdn_lost="")
    for _ in range(2):
        job = retry(job)
    assert has_all_bytes(job, sim)


def test_a_cdn_that_is_down_is_not_asked_for_every_file(at_torbox, sim):
    sim.control.fail("cdn", kind="refuse", times=1000)
    job = run(make_job(at_torbox({f"{number}.mkv": 1000 for number in range(20)})))
    assert (job.state, job.cause, job.cause_params) == (State.WAITING, Job.Cause.TORBOX, {})
    assert sim.control.count("cdn") == 7 + 3 + 3


def test_what_failed_is_not_downloaded_again_while_another_file_is_waited_for(at_torbox, sim):
    sim.control.options(cdn_lost="lost")
    job = make_job(at_torbox({"lost.mkv": 1000, "wrong.mkv": 1000}))
    right = job.files.get(path__endswith="wrong.mkv")
    job.files.filter(pk=right.pk).update(md5="0" * 32)
    assert run(job).cause == Job.Cause.TORBOX
    sim.control.reset_calls()
    sim.control.options(cdn_lost="")
    job = retry(job)
    assert (job.state, job.cause) == (State.FAILED, Job.Cause.SIZE)
    assert job.cause_params == {"file": right.path, "files": 1, "wrong": "md5"}
    assert sim.control.count("requestdl") == 1
    job.files.filter(pk=right.pk).update(md5=right.md5)
    controlling.retry(person=job.person, jobs=[job])
    assert has_all_bytes(run(job), sim)


def test_a_rejected_key_is_waited_for(film, sim):
    sim.control.fail("requestdl", kind="403_key")
    job = run(make_job(film))
    assert (job.state, job.cause) == (State.WAITING, Job.Cause.KEY)


def test_addresses_are_not_logged(film, sim, caplog):
    caplog.set_level("DEBUG")
    sim.control.fail("cdn", kind="refuse", times=100)
    run(make_job(film))
    assert "/cdn/" not in caplog.text


# -- the torrent


def test_a_torrent_that_is_not_ready_is_waited_for(film):
    Torrent.objects.filter(pk=film.pk).update(status=Status.DOWNLOADING)
    job = run(make_job(film))
    assert (job.state, job.cause) == (State.WAITING, Job.Cause.TORBOX)


@pytest.mark.parametrize("fields", [{"removed_at": timezone.now()}, {"status": Status.GONE}])
def test_a_torrent_that_was_deleted_fails(film, fields):
    Torrent.objects.filter(pk=film.pk).update(**fields)
    job = run(make_job(film))
    assert (job.state, job.cause) == (State.FAILED, Job.Cause.GONE)


def test_a_torrent_that_is_hidden_from_the_person_is_not_saved(film, cast):
    Torrent.objects.filter(pk=film.pk).update(hidden=True, added_by=cast.owner)
    job = run(make_job(film, person=cast.viewer))
    assert (job.state, job.cause) == (State.FAILED, Job.Cause.HIDDEN)
    assert not contents(where_is(job.folder))


# -- the disk


def test_a_file_that_got_its_name_before_the_saver_died_is_not_saved_again(film, sim):
    job = run(make_job(film))
    Job.objects.filter(pk=job.pk).update(state=State.RUNNING, ended_at=None)
    job.files.update(done_at=None)
    sim.control.reset_calls()
    assert has_all_bytes(run(job), sim)
    assert not sim.control.count("requestdl")


def test_saving_stops_below_the_floor_and_goes_on_by_itself(film, sim):
    folder = make_folder(floor=10**18)
    job = run(make_job(film, folder))
    assert (job.state, job.cause) == (State.DISK_FULL, Job.Cause.FLOOR)
    assert job.cause_params["floor"] == 10**18 and job.cause_params["free"] > 0
    assert job.retry_at - timezone.now() < timedelta(seconds=31)
    Folder.objects.update(floor=0)
    assert has_all_bytes(retry(job), sim)


def test_a_file_that_would_not_leave_the_floor_free_is_not_begun(film, sim, save_dir):
    with mounted(save_dir / "films", 4 * MB):
        job = run(make_job(film, make_folder(floor=2 * MB)))
        assert (job.state, job.cause) == (State.DISK_FULL, Job.Cause.FLOOR)
        assert job.cause_params["needed"] == 3 * MB and not any(contents(where_is(job.folder)).values())


def test_a_file_that_does_not_fit_lets_smaller_ones_of_its_torrent_go_on(at_torbox, sim, save_dir):
    with mounted(save_dir / "films", 4 * MB) as disk:
        torrent = at_torbox({"a.mkv": 2 * MB, "b.mkv": 3 * MB, "c.mkv": MB, "d.srt": 1000})
        job = make_job(torrent, make_folder(floor=2 * MB))
        job = run(job)
        assert (job.state, job.cause) == (State.DISK_FULL, Job.Cause.FLOOR)
        assert set(contents(disk)) == {"An open film/c.mkv", "An open film/d.srt"}
        assert (
            job.cause_params["floor"] == 4 * MB
        )  # what has to be free for the smallest of those that are left
        job.torrent.refresh_from_db()
        assert job.torrent.saving_params["floor"] == 4 * MB
        assert timezone.now() < job.retry_at < timezone.now() + timedelta(seconds=31)
        remount(disk, f"size={20 * MB}")
        assert has_all_bytes(retry(job), sim)


def test_thousands_of_files_that_do_not_fit_are_not_looked_at_one_by_one(
    at_torbox, sim, save_dir, django_assert_max_num_queries
):
    with mounted(save_dir / "films", 100_000):
        files = {f"{number:03}.mkv": 40_000 for number in range(150)}
        job = make_job(at_torbox({**files, "z.srt": 1000}), make_folder(floor=70_000))
        with django_assert_max_num_queries(100):
            job = run(job)
        assert job.files.exclude(done_at=None).count() == 1


def test_what_a_dead_saver_had_of_a_file_counts_as_room_for_the_rest(at_torbox, sim, save_dir):
    with mounted(save_dir / "films", 5 * MB) as disk:
        film = at_torbox({"a.mkv": 4 * MB, "b.mkv": 3 * MB})
        job = make_job(film, make_folder(floor=MB))
        second = job.files.get(path__endswith="b.mkv")
        part = part_files.part_path(disk, second)
        part.parent.mkdir()
        part.write_bytes(sim.control.expected_bytes(film.info_hash, second.path)[: 2 * MB])
        job.files.filter(pk=second.pk).update(bytes_done=2 * MB)
        run(job)
        assert [file.path for file in job.files.filter(done_at=None)] == ["An open film/a.mkv"]


@committed
def test_two_files_do_not_begin_where_only_one_fits(at_torbox, sim, save_dir):
    with mounted(save_dir / "films", 4 * MB) as disk:
        limit_to(50_000, files_at_a_time=2)
        job = make_job(at_torbox({"a.mkv": 2 * MB, "b.mkv": 2 * MB, "c.mkv": MB}), make_folder(floor=MB))
        threads = [in_background(job)]
        wait_for(lambda: any(contents(disk).values()))
        runner.run(job.pk)  # takes the second file, which doesn't fit beside the first
        assert Job.objects.get(pk=job.pk).state == State.RUNNING
        limit_to(0, files_at_a_time=2)
        wait_until_ended(*threads)
        job.refresh_from_db()
        assert (job.state, job.cause) == (State.DISK_FULL, Job.Cause.FLOOR)
        assert job.files.exclude(done_at=None).count() == 1
        remount(disk, f"size={9 * MB}")
        assert has_all_bytes(retry(job), sim)


@committed
def test_what_does_not_fit_beside_a_large_file_is_not_looked_at_one_by_one(
    at_torbox, save_dir, django_assert_max_num_queries
):
    with mounted(save_dir / "films", 5 * MB) as disk:
        limit_to(50_000, files_at_a_time=2)
        small = {f"b{number:02}.mkv": 100_000 for number in range(60)}
        job = make_job(at_torbox({"a.mkv": 2 * MB, **small}), make_folder(floor=3 * MB - 50_000))
        thread = in_background(job)
        wait_for(lambda: any(contents(disk).values()))
        try:
            with django_assert_max_num_queries(60):
                runner.run(job.pk)
        finally:
            runner.stop()
            wait_until_ended(thread)


@committed
def test_the_floor_also_holds_while_a_file_comes_once_more(film, sim, save_dir, monkeypatch):
    """Because the first time it had another checksum."""
    monkeypatch.setattr(runner, "SPACE_CHECKED", 100_000)
    with mounted(save_dir / "films", 8 * MB) as disk:
        sim.control.hold_downloads(4 * MB)
        job = make_job(film, make_folder(floor=4 * MB))
        job.files.update(md5="0" * 32)
        thread = in_background(job)
        wait_for(lambda: sim.control.sent_bytes() >= 4 * MB)
        (disk / "theirs").write_bytes(b"x" * 3 * MB)
        sim.control.hold_downloads()
        wait_until_ended(thread)
        job.refresh_from_db()
        assert (job.state, job.cause) == (State.DISK_FULL, Job.Cause.FLOOR)


@committed
def test_a_floor_that_an_owner_raises_stops_what_runs(film, monkeypatch):
    monkeypatch.setattr(runner, "SPACE_CHECKED", 10_000)
    limit_to(50_000)
    job = make_job(film)
    thread = in_background(job)
    wait_for(lambda: Job.objects.get(pk=job.pk).bytes_done)
    folders.change(job.folder, floor=10**18)
    wait_until_ended(thread)
    job.refresh_from_db()
    assert (job.state, job.cause) == (State.DISK_FULL, Job.Cause.FLOOR) and job.bytes_done


def test_a_full_disk_loses_nothing(film, sim, save_dir):
    """The space is taken by someone else while the file is coming."""
    with mounted(save_dir / "films", 3 * 1024 * 1024) as disk:
        folder = make_folder(floor=0)
        (disk / "theirs").write_bytes(b"x" * MB)
        job = make_job(film, folder)
        part_of(job).write_bytes(sim.control.expected_bytes(film.info_hash, "film.mkv")[:MB])
        job.files.update(size=3 * MB)
        job = run(job)
        assert (job.state, job.cause) in [
            (State.DISK_FULL, Job.Cause.FULL),
            (State.DISK_FULL, Job.Cause.FLOOR),
        ]
        assert set(contents(disk)) == {"theirs", part_of(job).name}
        (disk / "theirs").unlink()
        assert has_all_bytes(retry(job), sim)


def test_a_disk_that_cannot_be_written_is_waited_for(film, sim, save_dir):
    with mounted(save_dir / "films", 8 * MB) as disk:
        job = make_job(film, make_folder(floor=0))
        remount(disk, "ro")
        job = run(job)
        assert (job.state, job.cause) == (State.DENIED, Job.Cause.READ_ONLY)
        remount(disk, "rw")
        assert has_all_bytes(retry(job), sim)


def test_nothing_is_written_into_an_empty_mount_point(film, at_torbox, sim, save_dir):
    folder = make_folder(floor=0)
    with mounted(save_dir / "films", 8 * MB):
        assert run(make_job(film, folder)).state == State.SAVED
    job = run(make_job(at_torbox({"b.mkv": 1000}, "Another film"), folder))
    assert (job.state, job.cause) == (State.NO_FOLDER, Job.Cause.MISSING)
    assert not list((save_dir / "films").iterdir())


def test_nothing_is_written_where_the_disk_was_unmounted_between_two_files(
    at_torbox, sim, save_dir, monkeypatch
):
    folder = make_folder(floor=0)
    root, away, bring = where_is(folder), save_dir / "away", runner._bring

    def bring_and_unmount(*about: object) -> None:
        bring(*about)
        if not away.exists():
            root.rename(away)
            root.mkdir()

    monkeypatch.setattr(runner, "_bring", bring_and_unmount)
    job = run(make_job(at_torbox(FILES), folder))
    assert (job.state, job.cause) == (State.NO_FOLDER, Job.Cause.MISSING)
    root.rmdir()  # It is empty.
    away.rename(root)
    away.mkdir()
    assert has_all_bytes(retry(job), sim)


def test_one_file_that_cannot_be_written_does_not_hold_up_the_others(at_torbox, sim, tmp_path):
    job = make_job(at_torbox({"a/film.mkv": 1000, "b/film.mkv": 1000}))
    planted = where_is(job.folder) / "An open film/a"
    planted.parent.mkdir()
    planted.symlink_to(tmp_path)
    job = run(job)
    assert (job.state, job.cause) == (State.DENIED, Job.Cause.DENIED)
    assert [file.path for file in job.files.filter(done_at=None)] == ["An open film/a/film.mkv"]
    planted.unlink()
    assert has_all_bytes(retry(job), sim)


def test_a_folder_that_is_missing_is_waited_for_and_not_made(film, sim):
    job = make_job(film)
    where_is(job.folder).rmdir()
    job = run(job)
    assert (job.state, job.cause) == (State.NO_FOLDER, Job.Cause.MISSING)
    assert not where_is(job.folder).exists()
    where_is(job.folder).mkdir()
    assert has_all_bytes(retry(job), sim)


def test_a_name_that_the_disk_refuses_fails_that_file_alone(at_torbox):
    job = make_job(at_torbox(FILES))
    job.files.filter(path__endswith="notes.srt").update(target="An open film/" + "x" * 300)
    job = run(job)
    assert (job.state, job.cause) == (State.FAILED, Job.Cause.NAME)
    assert job.files.filter(done_at=None).count() == 1


# -- people, and the schedule


@committed
def test_what_aria2_had_begun_begins_again_only_once(film, sim):
    job = make_job(film)
    job.files.update(gid="0123456789abcdef", bytes_done=MB)
    part_of(job).write_bytes(b"?" * MB)
    limit_to(50_000)
    thread = in_background(job)
    wait_for(lambda: Job.objects.get(pk=job.pk).bytes_done)
    Job.objects.filter(pk=job.pk).update(state=State.PAUSED)
    wait_until_ended(thread)
    assert 0 < part_of(job).stat().st_size < 3 * MB
    assert not part_files.has_gaps(where_is(job.folder), job.files.get())
    limit_to(0)
    Job.objects.filter(pk=job.pk).update(state=State.WAITING)
    assert has_all_bytes(run(job), sim)


@committed
def test_a_stopped_saver_keeps_what_it_has_and_ends_soon(film, sim):
    limit_to(20_000)
    job = make_job(film)
    thread = in_background(job)
    wait_for(lambda: part_of(job).exists() and part_of(job).stat().st_size)
    runner.stop()
    wait_until_ended(thread)
    job.refresh_from_db()
    assert runner.is_idle()
    assert (job.state, job.claim) == (State.WAITING, "")
    assert part_of(job).stat().st_size
    runner.run(job.pk)
    assert Job.objects.get(pk=job.pk).state == State.WAITING  # It no longer takes anything.
    runner.start()
    limit_to(0)
    assert has_all_bytes(run(job), sim)


@committed
def test_progress_is_shown_while_a_job_runs(film):
    limit_to(50_000)
    job = make_job(film)
    thread = in_background(job)
    wait_for(lambda: Job.objects.get(pk=job.pk).speed)
    job.refresh_from_db()
    film.refresh_from_db()
    assert job.state == film.saving == State.RUNNING
    assert 0 < job.bytes_done < 3 * MB and 0 < job.speed < 75_000
    limit_to(0)
    wait_until_ended(thread)
    assert Job.objects.get(pk=job.pk).state == State.SAVED


@committed
def test_two_files_are_saved_at_a_time(at_torbox, sim):
    limit_to(50_000, files_at_a_time=2)
    job = make_job(at_torbox({"a.mkv": MB, "b.mkv": MB, "c.mkv": MB}))
    threads = [in_background(job) for _ in range(4)]
    root = where_is(job.folder)
    wait_for(lambda: len([name for name, data in contents(root).items() if data]) == 2)
    assert len(contents(root)) == 2
    limit_to(0, files_at_a_time=2)
    wait_until_ended(*threads)
    job.refresh_from_db()
    assert job.state == State.SAVED and has_all_bytes(job, sim)


@committed
def test_fewer_files_at_a_time_lets_one_step_aside(at_torbox, sim):
    limit_to(20_000, files_at_a_time=2)
    job = make_job(at_torbox({"a.mkv": MB, "b.mkv": MB}))
    threads = [in_background(job) for _ in range(2)]
    wait_for(lambda: len(contents(where_is(job.folder))) == 2)
    limit_to(20_000, files_at_a_time=1)
    wait_for(lambda: sum(thread.is_alive() for thread in threads) == 1)
    assert Job.objects.get(pk=job.pk).state == State.RUNNING
    limit_to(0, files_at_a_time=1)
    wait_until_ended(*threads)
    job.refresh_from_db()
    assert job.state == State.SAVED and has_all_bytes(job, sim)


def test_one_further_ahead_in_the_queue_goes_first(at_torbox, film):
    several, ahead = make_job(at_torbox(FILES), place=5), make_job(film, place=1)
    run(several)
    assert several.state == State.WAITING and several.files.filter(done_at=None).count() == 2
    runner.go_on()
    assert [Job.objects.get(pk=job.pk).state for job in (ahead, several)] == [State.SAVED] * 2


def test_whatever_the_saver_is_hinted_at_first_the_order_is_that_of_the_queue(at_torbox):
    """Of two jobs that were resumed at once, any hint may come first."""
    limit_to(0, files_at_a_time=1)
    first, second = (make_job(at_torbox(1000 + place, str(place)), place=place) for place in (1, 2))
    controlling.pause(person=first.person, jobs=[first, second])
    controlling.resume(person=first.person, jobs=[second, first])
    tasks.save_job(second.pk)
    assert first.files.get().done_at < second.files.get().done_at


def test_what_other_savers_work_on_hides_nothing_that_waits(at_torbox, film):
    other = make_job(at_torbox(FILES))
    claimed = {"state": State.RUNNING, "claim": "other", "claimed_until": timezone.now() + claims.CLAIM}
    for number in range(claims.HINTS):
        make_job(other.torrent, files=other.torrent.files.all()[:0], base=str(number), **claimed)
    Job.objects.filter(pk=other.pk).update(**claimed)
    job = make_job(film)
    runner.go_on()
    assert Job.objects.get(pk=job.pk).state == State.SAVED


@pytest.mark.parametrize("state", [State.DISK_FULL, State.NO_FOLDER, State.DENIED])
def test_one_further_ahead_that_was_blocked_goes_first_once_it_can(at_torbox, film, state):
    several = make_job(at_torbox(FILES), place=5)
    ahead = make_job(film, place=1, state=state, retry_at=timezone.now() - timedelta(seconds=1))
    run(several)
    assert several.state == State.WAITING and several.files.filter(done_at=None).count() == 2
    runner.go_on()
    assert [Job.objects.get(pk=job.pk).state for job in (ahead, several)] == [State.SAVED] * 2
    assert several.files.filter(done_at__gt=ahead.files.get().done_at).count() == 2


def test_one_that_is_still_blocked_is_tried_in_between_and_holds_up_nobody(at_torbox, film, monkeypatch):
    several, full = make_job(at_torbox(FILES), place=5), make_folder("Full", floor=10**18)
    blocked = make_job(film, full, place=1)
    tried, prepare = [], preparing.prepare

    def prepare_and_let_time_pass(work, allowed) -> None:
        tried.append(work.job.pk)
        Job.objects.filter(pk=blocked.pk).update(retry_at=None)
        prepare(work, allowed)

    monkeypatch.setattr(preparing, "prepare", prepare_and_let_time_pass)
    runner.go_on()
    assert tried == [blocked.pk, several.pk] * 3 + [blocked.pk]
    assert Job.objects.get(pk=several.pk).state == State.SAVED
    assert Job.objects.get(pk=blocked.pk).state == State.DISK_FULL


def test_a_job_waits_for_its_hours_unless_someone_resumed_it(film, sim):
    now = timezone.localtime()
    begins = (now + timedelta(hours=2)).time().replace(microsecond=0)
    ends = (now + timedelta(hours=3)).time().replace(microsecond=0)
    limit_to(0, full_from=begins, full_until=ends, other_pauses=True)
    job = make_job(film)
    assert job.pk not in claims.due_ids()
    claims.follow_schedule()
    job.refresh_from_db()
    film.refresh_from_db()
    assert job.state == film.saving == State.SCHEDULED
    assert run(job).state == State.SCHEDULED
    Job.objects.filter(pk=job.pk).update(resumed=True, retry_at=None)
    claims.follow_schedule()
    assert claims.due_ids() == [job.pk]
    assert has_all_bytes(run(job), sim)


def test_a_job_goes_on_once_the_schedule_is_removed(film, sim):
    job = make_job(film, state=State.SCHEDULED, retry_at=timezone.now() + timedelta(hours=8))
    claims.follow_schedule()
    assert claims.due_ids() == [job.pk]
    assert has_all_bytes(run(job), sim)


@pytest.mark.parametrize(
    ("after", "days"), [(Folder.After.KEEP, None), (Folder.After.STOP_SEEDING, 0), (Folder.After.DELETE, 7)]
)
def test_what_happens_at_torbox_afterwards_is_due_by_the_folder(film, after, days):
    job = run(make_job(film, make_folder(after=after)))
    assert job.after_due_at == (None if days is None else job.ended_at + timedelta(days=days))


def test_a_file_of_the_job_is_known_by_its_name_and_not_by_another_torrents_leftovers(film, sim, at_torbox):
    other = make_job(at_torbox({"film.mkv": 3 * MB}, "Another film"), make_folder("Music"))
    job = make_job(film, make_folder())
    where_is(job.folder).joinpath(part_of(other).name).write_bytes(b"of another film")
    assert JobFile.objects.filter(target="film.mkv").count() == 2
    run(job)
    assert (where_is(job.folder) / "film.mkv").read_bytes() == sim.control.expected_bytes(
        film.info_hash, "film.mkv"
    )
