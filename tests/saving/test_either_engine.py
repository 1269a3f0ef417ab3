"""Save files by the built-in engine and by a real aria2: what people get is the same."""

from __future__ import annotations

import pytest

from saving.engine import runner, settling
from saving.models import Job
from saving.services import claims, controlling
from tests.saving.factories import make_job, where_is
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
from torrents.models import Activity
from torrents.saving_states import SavingState as State

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("engine")]
committed = pytest.mark.django_db(transaction=True)
MB = 1_000_000
FILES = {"a film.mkv": 3 * MB, "sub/ünïcode [1080p] {x} & 100%.srt": 1234, "empty.txt": 0}


@pytest.fixture(params=["built-in", "aria2"])
def engine(request) -> str:
    """Save by this engine. aria2 must have forgotten all downloads in the end."""
    request.getfixturevalue("save_dir")
    request.getfixturevalue("hurry" if request.param == "built-in" else "by_aria2")
    yield request.param
    assert request.param == "built-in" or not request.getfixturevalue("daemon").gids()


def test_a_torrent_is_saved_whole(at_torbox, sim):
    job = run(make_job(at_torbox(FILES)))
    assert (job.state, job.cause) == (State.SAVED, "")
    assert job.bytes_done == job.bytes_total == sum(FILES.values())
    assert job.ended_at and not job.claim
    assert has_all_bytes(job, sim) and not job.files.exclude(gid="").exists()
    assert set(contents(where_is(job.folder))) == {f"An open film/{path}" for path in FILES}


def test_an_address_that_expires_is_asked_for_again(film, sim):
    sim.control.fail("cdn", kind="truncate", after=True)
    sim.control.fail("cdn", status=400, body="<html>This download link is not valid any more.</html>")
    assert has_all_bytes(run(make_job(film)), sim)
    assert sim.control.count("requestdl") == 2


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 429, 500, 502, 503])
def test_an_error_of_the_cdn_is_no_data(film, sim, status):
    sim.control.fail("cdn", status=status, body="<html>No.</html>")
    assert has_all_bytes(run(make_job(film)), sim)


def test_a_page_in_place_of_the_file_is_no_data(film, sim):
    sim.control.fail("cdn", kind="body", body="<html>Please wait.</html>", times=2)
    assert has_all_bytes(run(make_job(film)), sim)


def test_a_file_of_another_size_than_listed_is_not_saved(film):
    job = make_job(film)
    job.files.update(size=2 * MB)
    job = run(job)
    assert (job.state, job.cause) == (State.FAILED, Job.Cause.SIZE)
    assert (job.cause_params["expected"], job.cause_params["found"]) == (2 * MB, 3 * MB)
    assert not any(contents(where_is(job.folder)).values())


def test_the_cdn_says_how_large_a_file_is_if_the_list_does_not(film, sim):
    job = make_job(film)
    job.files.update(size=0)
    Job.objects.filter(pk=job.pk).update(bytes_total=0)
    job = run(job)
    assert has_all_bytes(job, sim) and job.bytes_total == 3 * MB


# -- checksums


def test_a_file_with_another_checksum_is_downloaded_once_more_and_then_fails(film, sim):
    job = make_job(film)
    job.files.update(md5="0" * 32)
    job = run(job)
    assert (job.state, job.cause) == (State.FAILED, Job.Cause.SIZE)
    assert job.cause_params == {"file": film.files.get().path, "files": 1, "wrong": "md5"}
    assert not any(contents(where_is(job.folder)).values())
    assert sim.control.count("requestdl") == 2
    assert (job.bytes_done, job.files.get().bytes_done) == (0, 0)
    job.files.update(md5=film.files.get().md5)
    controlling.retry(person=job.person, jobs=[job])
    assert has_all_bytes(run(job), sim)


def test_other_bytes_of_the_right_length_are_downloaded_again(at_torbox, sim):
    job = make_job(at_torbox({"film.mkv": 5000}))
    assert job.files.get().md5
    sim.control.fail("cdn", kind="body", body="x" * 5000)
    assert has_all_bytes(run(job), sim)
    assert sim.control.count("requestdl") == 2


def test_without_a_checksum_the_size_decides(at_torbox, sim):
    job = make_job(at_torbox({"film.mkv": 5000}))
    job.files.update(md5="")
    sim.control.fail("cdn", kind="body", body="x" * 5000)
    job = run(job)
    assert job.state == State.SAVED and list(contents(where_is(job.folder)).values()) == [b"x" * 5000]


def test_a_file_that_went_on_from_wrong_bytes_is_downloaded_from_the_beginning(film, sim):
    job = make_job(film)
    part_of(job).write_bytes(b"?" * MB)
    assert has_all_bytes(run(job), sim)
    assert sim.control.count("requestdl") == 2


def test_a_whole_partial_file_is_read_and_not_downloaded(film, sim):
    """As after a kill just before it got its name."""
    job = make_job(film)
    part_of(job).write_bytes(sim.control.expected_bytes(film.info_hash, "film.mkv"))
    assert has_all_bytes(run(job), sim)
    assert not sim.control.count("requestdl")


# -- one file of several


def test_a_file_that_is_never_sent_does_not_hold_up_those_after_it(at_torbox, sim):
    sim.control.options(cdn_lost="a film")
    job = run(make_job(at_torbox(FILES)))
    assert (job.state, job.cause) == (State.WAITING, Job.Cause.TORBOX)
    assert job.cause_params == {"file": "a film.mkv", "missing": 1}
    assert [file.path for file in job.files.filter(done_at=None)] == ["An open film/a film.mkv"]
    attempts, job = job.attempts, retry(job)
    assert (job.state, job.attempts) == (State.WAITING, attempts + 1)  # It is waited for longer and longer.
    sim.control.options(cdn_lost="")
    assert has_all_bytes(retry(job), sim)


def test_a_file_that_is_never_sent_fails_in_the_end_and_can_be_tried_again(at_torbox, sim):
    sim.control.options(cdn_lost="a film")
    job = run(make_job(at_torbox(FILES)))
    assert (job.state, job.unsent) == (State.WAITING, 1)
    job = retry(job)
    assert (job.state, job.unsent) == (State.WAITING, 2)
    Job.objects.update(unsent=settling.MAX_UNSENT - 1)  # three days later
    job = retry(job)
    assert (job.state, job.cause, job.retry_at) == (State.FAILED, Job.Cause.TORBOX, None)
    event = Activity.objects.get(kind=Activity.Kind.NOT_SAVED)
    assert (event.code, event.params["file"]) == (Job.Cause.TORBOX, "a film.mkv")
    assert job.pk not in claims.due_ids()
    controlling.retry(person=job.person, jobs=[job])
    job = run(job)
    assert (job.state, job.unsent) == (State.WAITING, 1)
    sim.control.options(cdn_lost="")
    assert has_all_bytes(retry(job), sim)


def test_a_torbox_that_gives_no_addresses_is_waited_for_however_long(film, sim):
    sim.control.fail("requestdl", kind="500", times=1000)
    job = make_job(film, unsent=settling.MAX_UNSENT - 1)
    job = run(job)
    assert (job.state, job.cause) == (State.WAITING, Job.Cause.TORBOX)
    assert (job.unsent, job.attempts) == (settling.MAX_UNSENT - 1, 1)


def test_a_byte_that_comes_gives_a_file_more_time(film, sim):
    sim.control.fail("cdn", kind="truncate", after=True)
    sim.control.fail("cdn", status=404, times=1000)
    job = run(make_job(film, unsent=settling.MAX_UNSENT - 1))
    assert (job.state, job.unsent) == (State.WAITING, 1)


def test_another_file_of_the_name_stays_and_ours_gets_a_number(film, sim):
    job = make_job(film)
    theirs = where_is(job.folder) / "film.mkv"
    theirs.write_bytes(b"theirs")
    job = run(job)
    assert theirs.read_bytes() == b"theirs"
    assert job.files.get().target == "film (2).mkv"
    theirs.unlink()
    assert has_all_bytes(job, sim)


# -- people


@committed
def test_a_paused_job_stops_and_goes_on_where_it_stopped(film, sim):
    limit_to(50_000)  # A minute for the whole file.
    job = make_job(film)
    thread = in_background(job)
    wait_for(lambda: Job.objects.get(pk=job.pk).bytes_done)
    Job.objects.filter(pk=job.pk).update(state=State.PAUSED)
    wait_until_ended(thread)
    job.refresh_from_db()
    assert job.state == State.PAUSED and not job.claim and runner.is_idle()
    assert 0 < job.bytes_done < 3 * MB and part_of(job).stat().st_size > 0
    limit_to(0)
    Job.objects.filter(pk=job.pk).update(state=State.WAITING)
    assert has_all_bytes(run(job), sim)


@committed
def test_a_canceled_job_stops_without_leaving_a_file(film):
    limit_to(50_000)
    job = make_job(film)
    part = part_of(job)
    thread = in_background(job)
    wait_for(lambda: Job.objects.get(pk=job.pk).bytes_done)
    Job.objects.filter(pk=job.pk).delete()
    part.unlink()
    wait_until_ended(thread)
    assert not contents(where_is(job.folder))
