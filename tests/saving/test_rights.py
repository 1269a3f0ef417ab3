"""What becomes of a job whose person is suspended, is removed, or may no longer save it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connections
from django.utils import timezone

from accounts import services as accounts
from accounts.models import Share, User
from saving import tasks
from saving.engine import part_files, runner
from saving.models import Folder, Job, SavingSettings
from saving.pages.cause_text import problem_of
from saving.services import claims, ending
from saving.services import settings as saving_settings
from tests.saving.factories import make_folder, make_job, where_is
from torrents.models import Activity, Torrent
from torrents.saving_states import SavingState as State
from torrents.services.actions import offboarding

pytestmark = pytest.mark.django_db
committed = pytest.mark.django_db(transaction=True)
MB = 1_000_000
Cause = Job.Cause


@pytest.fixture
def job(at_torbox, cast, save_dir) -> Job:
    """Return a job of a member, for a torrent of the owner."""
    return make_job(at_torbox({"film.mkv": 3 * MB}), make_folder(), cast.viewer)


def run(job: Job) -> Job:
    """Run a job as if the time that it waits for had come."""
    Job.objects.filter(pk=job.pk).update(retry_at=None)
    runner.run(job.pk)
    job.refresh_from_db()
    return job


def part_of(job: Job) -> Path:
    return part_files.part_path(where_is(job.folder), job.files.get())


def is_saved(job: Job, sim) -> bool:
    whole = sim.control.expected_bytes(job.torrent.info_hash, "film.mkv")
    return run(job).state == State.SAVED and (where_is(job.folder) / "film.mkv").read_bytes() == whole


def words(job: Job) -> str:
    """Return what the row of its torrent says about the job."""
    job.torrent.refresh_from_db()
    return problem_of(job.torrent.saving_params)


def after_it_has_begun(job: Job, happens: Callable[[], object]) -> Job:
    """Let something happen while the job runs, and wait until it has stopped."""

    def work() -> None:
        try:
            runner.run(job.pk)
        finally:
            connections.close_all()

    saving_settings.save(SavingSettings(limit=300_000))
    thread = threading.Thread(target=work)
    thread.start()
    deadline = time.monotonic() + 30
    while not Job.objects.get(pk=job.pk).bytes_done:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    happens()
    thread.join(20)
    assert not thread.is_alive()
    saving_settings.save(SavingSettings())
    return job


# What takes a right away, what gives it back, and the cause that the job has in the meantime.


def close_folder(cast) -> None:
    Folder.objects.update(for_everyone=False)


def name_in_folder(cast) -> None:
    Folder.objects.get().people.add(cast.viewer)


def end_share(cast) -> None:
    accounts.end_share(Share.objects.get(user=cast.viewer))


def share(cast) -> None:
    accounts.share(account=cast.account, person=cast.viewer, level=Share.Level.VIEW)


def hide(cast) -> None:
    Torrent.objects.update(hidden=True)


def show(cast) -> None:
    Torrent.objects.update(hidden=False)


LOST = [
    pytest.param(close_folder, name_in_folder, Cause.NOT_ALLOWED, id="folder"),
    pytest.param(end_share, share, Cause.HIDDEN, id="share"),
    pytest.param(hide, show, Cause.HIDDEN, id="hidden"),
]
SENTENCES = {
    Cause.NOT_ALLOWED: "The person who’s saving this can’t save to Films anymore. What’s saved so far is kept.",
    Cause.HIDDEN: "The person who’s saving this can’t see the torrent anymore. What’s saved so far is kept.",
    Cause.SUSPENDED: "The person who’s saving this is suspended. Saving resumes when they’re reactivated.",
}


@pytest.mark.parametrize(("take", "give", "cause"), LOST)
def test_a_job_whose_person_lost_the_right_fails_until_someone_tries_it_again(
    job, cast, sim, take, give, cause
):
    take(cast)
    run(job)
    assert (job.state, job.cause, words(job)) == (State.FAILED, cause, SENTENCES[cause])
    assert not sim.control.count("requestdl") and Activity.objects.get(code=cause).person == cast.viewer
    assert job.pk not in claims.due_ids()
    give(cast)
    Job.objects.update(state=State.WAITING)
    assert is_saved(job, sim)


@committed
@pytest.mark.parametrize(("take", "give", "cause"), LOST)
def test_a_job_that_runs_stops_when_its_person_loses_the_right_and_keeps_what_it_has(
    job, cast, sim, take, give, cause
):
    after_it_has_begun(job, lambda: take(cast))
    job.refresh_from_db()
    assert (job.state, job.cause, job.claim) == (State.FAILED, cause, "")
    assert 0 < job.bytes_done == part_of(job).stat().st_size < 3 * MB
    give(cast)
    Job.objects.update(state=State.WAITING)
    assert is_saved(job, sim)


def test_an_owner_who_becomes_a_member_keeps_only_what_members_may(job, cast, sim):
    job.person = cast.owner
    job.save()
    close_folder(cast)
    User.objects.filter(pk=cast.owner.pk).update(role=User.Role.MEMBER)
    assert run(job).cause == Cause.NOT_ALLOWED
    Folder.objects.update(for_everyone=True)
    Job.objects.update(state=State.WAITING)
    assert is_saved(job, sim)


def test_a_suspended_person_saves_nothing_until_they_are_reactivated(job, cast, sim):
    accounts.disable(cast.viewer)
    run(job)
    assert (job.state, job.cause, words(job)) == (State.WAITING, Cause.SUSPENDED, SENTENCES[Cause.SUSPENDED])
    assert timedelta(0) < job.retry_at - timezone.now() <= timedelta(minutes=1)
    assert "until" not in job.torrent.saving_params, "it waits for an owner"
    assert not sim.control.count("requestdl") and not Activity.objects.filter(code=Cause.SUSPENDED).exists()
    accounts.enable(cast.viewer)
    assert is_saved(job, sim)


@committed
def test_a_job_that_runs_stops_when_its_person_is_suspended_and_resumes_there(job, cast, sim):
    after_it_has_begun(job, lambda: accounts.disable(cast.viewer))
    job.refresh_from_db()
    assert (job.state, job.cause, job.claim) == (State.WAITING, Cause.SUSPENDED, "")
    assert 0 < job.bytes_done == part_of(job).stat().st_size < 3 * MB
    accounts.enable(cast.viewer)
    sim.control.reset_calls()
    assert is_saved(job, sim)
    assert sim.control.count("requestdl") == 1


def remove(person: User) -> None:
    offboarding.leave(person, heir=None)


def test_the_jobs_of_a_removed_person_are_canceled(job, cast, sim, django_capture_on_commit_callbacks):
    part_of(job).write_bytes(b"begun")
    theirs = make_job(job.torrent, make_folder("Music"), cast.owner)
    remove(cast.viewer)
    assert claims.due_ids() == [theirs.pk]
    assert run(job).state == State.WAITING and not sim.control.count("requestdl")
    with django_capture_on_commit_callbacks(execute=True):
        tasks.look()
    assert list(Job.objects.all()) == [theirs] and not part_of_path(job).exists()
    job.torrent.refresh_from_db()
    assert job.torrent.saving_params["folder"] == "Music"


def part_of_path(job: Job) -> Path:
    """Return a folder's partial file, also if the job is gone."""
    return next(where_is(job.folder).glob("*.part"), where_is(job.folder) / "none")


@committed
def test_a_job_that_runs_is_canceled_when_its_person_is_removed(job, cast):
    after_it_has_begun(job, lambda: remove(cast.viewer))
    tasks.look()
    assert not Job.objects.exists() and not part_of_path(job).exists()
    assert not (where_is(job.folder) / "film.mkv").exists()
    assert Torrent.objects.get().saving == ""


def test_whole_files_of_a_removed_person_stay(job, cast, sim):
    assert is_saved(job, sim)
    remove(cast.viewer)
    tasks.look()
    assert (where_is(job.folder) / "film.mkv").exists() and Job.objects.get().state == State.SAVED


@committed
@pytest.mark.parametrize("fails", [False, True])
def test_a_job_that_ends_just_after_its_person_was_removed_is_nobodys_doing(job, cast, fails):
    taken = claims.claim(job.pk, "saver")
    assert taken and taken.person == cast.viewer and claims.begin(taken)
    remove(cast.viewer)
    if fails:
        ending.failed(taken, Cause.SIZE, {})
    else:
        ending.saved(taken)
    assert Activity.objects.get(kind__in=["saved", "not_saved"]).person is None
