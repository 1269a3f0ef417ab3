"""Which jobs are due, and that two savers never work on the same one."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from saving.models import Job, SavingSettings
from saving.services import claims
from saving.services import settings as saving_settings
from tests.factories import make_torrent
from tests.saving.factories import make_folder, make_job
from torrents.saving_states import SavingState as State

pytestmark = pytest.mark.django_db
HOUR, SOON = timedelta(hours=1), timedelta(seconds=1)


@pytest.fixture
def job(cast, save_dir) -> Job:
    return make_job(make_torrent(cast.account))


def write(job: Job, **fields: object) -> Job:
    Job.objects.filter(pk=job.pk).update(**fields)
    job.refresh_from_db()
    return job


def claimed(job: Job, by: str = "one") -> Job:
    found = claims.claim(job.pk, by)
    assert found is not None
    return found


def test_only_one_process_gets_a_job(job):
    assert claimed(job).claim == "one"
    assert claims.claim(job.pk, "another") is None
    assert claims.claim(job.pk, "one") is None


def test_the_claim_of_a_process_that_died_ends(job):
    claimed(job)
    write(job, claimed_until=timezone.now() - SOON)
    assert claimed(job, "another").claim == "another"


def test_a_claim_of_a_wrong_clock_ends(job):
    claimed(job)
    write(job, claimed_until=timezone.now() + timedelta(days=300))
    assert claimed(job, "another").claim == "another"


def test_a_lost_claim_cannot_be_renewed_and_changes_nothing(job):
    lost = claimed(job)
    assert claims.begin(lost)
    write(job, claimed_until=timezone.now() - SOON)
    claimed(job, "another")
    assert not claims.renew(lost, bytes_done=7)
    assert not claims.release(lost, state=State.FAILED)
    job.refresh_from_db()
    assert (job.claim, job.bytes_done) == ("another", 0) and job.state != State.FAILED


def test_renewing_extends_the_claim_and_writes_progress(job):
    mine = claimed(job)
    claims.begin(mine)
    write(job, claimed_until=timezone.now() + SOON)
    assert claims.renew(mine, bytes_done=7, speed=3)
    job.refresh_from_db()
    assert (job.bytes_done, job.speed, job.state) == (7, 3, State.RUNNING)
    assert job.claimed_until - timezone.now() > timedelta(seconds=50)


@pytest.mark.parametrize("state", [State.PAUSED, State.WAITING])
def test_what_people_do_in_the_meantime_is_not_overwritten(job, state):
    mine = claimed(job)
    claims.begin(mine)
    write(job, state=state)
    assert not claims.renew(mine)
    assert not claims.release(mine, state=State.SAVED)
    job.refresh_from_db()
    assert (job.state, job.claim) == (state, "")


def test_a_job_that_was_paused_before_it_began_does_not_begin(job):
    mine = claimed(job)
    write(job, state=State.PAUSED)
    assert not claims.begin(mine)


def test_a_canceled_job_is_noticed(job):
    mine = claimed(job)
    claims.begin(mine)
    job.delete()
    assert not claims.renew(mine) and not claims.release(mine, state=State.SAVED)


def test_due_jobs_come_in_the_order_of_the_queue(cast, save_dir):
    folder = make_folder()
    places = {name: place for place, name in enumerate("cab")}
    jobs = {
        name: make_job(make_torrent(cast.account, name, remote_id=place + 10), folder, place=place)
        for name, place in sorted(places.items())
    }
    assert claims.due_ids() == [jobs[name].pk for name in "cab"]
    assert claims.is_someone_ahead(jobs["a"]) and not claims.is_someone_ahead(jobs["c"])
    claimed(jobs["c"])
    assert not claims.is_someone_ahead(jobs["a"])


@pytest.mark.parametrize("state", [State.WAITING, State.DISK_FULL, State.NO_FOLDER, State.DENIED])
def test_a_blocked_job_is_due_when_its_time_has_come(job, state):
    write(job, state=state, retry_at=timezone.now() + HOUR)
    assert claims.due_ids() == [] and claims.claim(job.pk, "one") is None
    write(job, retry_at=timezone.now() - SOON)
    assert claims.due_ids() == [job.pk]
    write(job, retry_at=timezone.now() + timedelta(days=300))  # by a wrong clock
    assert claims.due_ids() == [job.pk]


@pytest.mark.parametrize(
    "fields", [{"state": State.PAUSED}, {"state": State.FAILED}, {"ended_at": timezone.now()}]
)
def test_some_jobs_are_never_due(job, fields):
    write(job, **fields)
    assert claims.due_ids() == [] and claims.claim(job.pk, "one") is None


def test_a_running_job_is_due_for_more_threads_of_its_saver(job):
    claims.begin(claimed(job))
    assert claims.due_ids() == [job.pk]


def test_what_a_dead_saver_left_is_shown_as_waiting(job):
    claims.begin(claimed(job))
    claims.follow_schedule()
    assert write(job, claimed_until=timezone.now() - SOON).state == State.RUNNING
    claims.follow_schedule()
    job.refresh_from_db()
    job.torrent.refresh_from_db()
    assert job.state == job.torrent.saving == State.WAITING


def test_a_running_job_is_left_to_its_saver_when_the_schedule_pauses(job):
    claims.begin(claimed(job))
    now = timezone.localtime()
    hours = [(now + timedelta(hours=hour)).time().replace(microsecond=0) for hour in (2, 3)]
    saving_settings.save(SavingSettings(full_from=hours[0], full_until=hours[1]))
    claims.follow_schedule()
    job.refresh_from_db()
    assert job.state == State.RUNNING
