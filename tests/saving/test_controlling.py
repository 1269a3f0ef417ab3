"""Pause, resume, retry, cancel, and order jobs."""

from __future__ import annotations

from datetime import time, timedelta

import pytest
from django.utils import timezone

from accounts.models import User
from saving.engine import part_files
from saving.models import Folder, Job, JobFile, SavingSettings
from saving.services import claims, controlling, settings
from tests.factories import make_torrent, make_user
from tests.saving.factories import make_folder, make_job, where_is
from torrents.saving_states import SavingState as State

pytestmark = pytest.mark.django_db
BLOCKED = [State.DISK_FULL, State.NO_FOLDER, State.DENIED]


@pytest.fixture
def folder(save_dir) -> Folder:
    return make_folder()


@pytest.fixture
def job(cast, folder) -> Job:
    return make_job(make_torrent(cast.account, "Show", file_count=3), folder, cast.member)


def put(job: Job, state: str, **fields) -> Job:
    Job.objects.filter(pk=job.pk).update(state=state, **fields)
    job.refresh_from_db()
    return job


def let_schedule_pause(pauses: bool = True) -> None:
    now = timezone.localtime(timezone=timezone.get_default_timezone())
    begins, ends = now + timedelta(hours=2), now + timedelta(hours=4 if pauses else 1)
    hours = {"full_from": time(begins.hour), "full_until": time(ends.hour)}
    settings.save(SavingSettings(**hours, other_pauses=pauses))


def shown(job: Job) -> str:
    job.torrent.refresh_from_db()
    return job.torrent.saving


class TestPausing:
    @pytest.mark.parametrize("state", [State.WAITING, State.RUNNING, State.SCHEDULED, *BLOCKED])
    def test_what_isnt_over_pauses_and_is_shown_so(self, cast, job, state):
        put(job, state, cause=Job.Cause.FULL, retry_at=timezone.now(), resumed=True, resumed_by=cast.member)
        assert controlling.pause(person=cast.member, jobs=[job]) == 1
        job.refresh_from_db()
        assert (job.state, job.cause, job.retry_at, job.resumed) == (State.PAUSED, "", None, False)
        assert shown(job) == State.PAUSED and not claims.due_ids()

    @pytest.mark.parametrize("state", [State.PAUSED, State.FAILED])
    def test_what_failed_or_is_paused_stays_so(self, cast, job, state):
        put(job, state, cause=Job.Cause.SIZE)
        assert controlling.pause(person=cast.member, jobs=[job]) == 0
        job.refresh_from_db()
        assert (job.state, job.cause) == (state, Job.Cause.SIZE)

    def test_what_is_saved_stays_so(self, cast, job):
        put(job, State.SAVED, ended_at=timezone.now())
        calls = [controlling.pause, controlling.resume, controlling.retry]
        assert [call(person=cast.member, jobs=[job]) for call in calls] == [0, 0, 0]
        assert controlling.cancel(person=cast.member, jobs=[job], keep_partial=False) == 0
        job.refresh_from_db()
        assert job.state == State.SAVED and job.files.count() == 3

    def test_a_saver_that_works_on_it_stops_and_ends_its_own_claim(self, cast, job):
        claimed = claims.claim(job.pk, "a saver")
        assert claims.begin(claimed) and claims.renew(claimed)
        controlling.pause(person=cast.member, jobs=[job])
        assert not claims.renew(claimed)
        controlling.resume(person=cast.member, jobs=[job])
        assert claims.claim(job.pk, "another saver") is None  # until the first has stopped
        claims.release(claimed, state=State.RUNNING)
        job.refresh_from_db()
        assert job.state == State.WAITING and claims.claim(job.pk, "another saver")


class TestResuming:
    def test_a_paused_job_waits_its_turn_again(self, cast, job):
        put(job, State.PAUSED)
        assert controlling.resume(person=cast.member, jobs=[job]) == 1
        job.refresh_from_db()
        assert (job.state, job.resumed, job.resumed_by) == (State.WAITING, False, None)
        assert claims.due_ids() == [job.pk] and shown(job) == State.WAITING

    @pytest.mark.parametrize("state", [State.PAUSED, State.SCHEDULED])
    def test_while_the_schedule_pauses_one_torrent_may_go_on(self, cast, job, folder, state):
        other = make_job(make_torrent(cast.account, "Other"), folder, cast.member)
        let_schedule_pause()
        put(job, state, retry_at=timezone.now() + timedelta(hours=1))
        controlling.resume(person=cast.member, jobs=[job])
        job.refresh_from_db()
        assert (job.state, job.resumed, job.resumed_by) == (State.WAITING, True, cast.member)
        assert claims.due_ids() == [job.pk] and other.pk not in claims.due_ids()
        job.torrent.refresh_from_db()
        assert job.torrent.saving_params["by"] == "Member"

    def test_outside_of_a_pause_nothing_is_overridden(self, cast, job):
        let_schedule_pause(False)
        controlling.resume(person=cast.member, jobs=[put(job, State.PAUSED)])
        job.refresh_from_db()
        assert not job.resumed


class TestRetrying:
    @pytest.mark.parametrize("state", [State.FAILED, State.WAITING, *BLOCKED])
    def test_what_failed_or_waits_is_tried_now(self, cast, job, state):
        later = timezone.now() + timedelta(hours=1)
        put(
            job,
            state,
            cause=Job.Cause.FULL,
            cause_params={"free": 1},
            retry_at=later,
            attempts=4,
            upstream_detail="x",
        )
        assert claims.due_ids() == []
        assert controlling.retry(person=cast.member, jobs=[job]) == 1
        job.refresh_from_db()
        assert (job.state, job.cause, job.cause_params, job.retry_at) == (State.WAITING, "", {}, None)
        assert (job.attempts, job.upstream_detail) == (0, "")
        assert claims.due_ids() == [job.pk] and shown(job) == State.WAITING

    @pytest.mark.parametrize("state", [State.RUNNING, State.PAUSED, State.SCHEDULED])
    def test_what_runs_or_is_paused_isnt_touched(self, cast, job, state):
        assert controlling.retry(person=cast.member, jobs=[put(job, state)]) == 0
        job.refresh_from_db()
        assert job.state == state


class TestCanceling:
    @pytest.fixture
    def files(self, job, folder) -> tuple[JobFile, JobFile, JobFile]:
        """Return a file that is saved, one that has begun, and one that hasn't."""
        whole, begun, later = job.files.select_related("job__torrent")
        JobFile.objects.filter(pk=whole.pk).update(done_at=timezone.now())
        (where_is(folder) / job.base).mkdir()
        (where_is(folder) / whole.target).write_bytes(b"whole")
        part_files.part_path(where_is(folder), begun).write_bytes(b"begun")
        return whole, begun, later

    def cancel(self, cast, jobs, callbacks, *, keep: bool = False) -> int:
        with callbacks(execute=True):
            return controlling.cancel(person=cast.member, jobs=jobs, keep_partial=keep)

    def test_partial_files_go_and_whole_ones_stay(
        self, cast, job, folder, files, django_capture_on_commit_callbacks
    ):
        whole, begun, _ = files
        assert self.cancel(cast, [job], django_capture_on_commit_callbacks) == 1
        assert (where_is(folder) / whole.target).read_bytes() == b"whole"
        assert not part_files.part_path(where_is(folder), begun).exists()
        assert list(JobFile.objects.all()) == [whole]
        assert shown(job) == "" and not Job.objects.unfinished().exists() and not claims.due_ids()

    def test_partial_files_can_be_kept(self, cast, job, folder, files, django_capture_on_commit_callbacks):
        self.cancel(cast, [job], django_capture_on_commit_callbacks, keep=True)
        assert part_files.part_path(where_is(folder), files[1]).read_bytes() == b"begun"
        assert shown(job) == "" and not Job.objects.unfinished().exists() and JobFile.objects.count() == 3

    @pytest.mark.parametrize("state", [*State.values])
    def test_any_job_that_isnt_over_can_be_canceled(
        self, cast, job, state, django_capture_on_commit_callbacks
    ):
        put(job, state)
        assert self.cancel(cast, [job], django_capture_on_commit_callbacks) == 1
        assert not Job.objects.exists() and shown(job) == ""

    def test_nothing_of_it_stays_on_disk_if_nothing_was_saved(
        self, cast, job, folder, django_capture_on_commit_callbacks
    ):
        file = job.files.select_related("job__torrent").first()
        (where_is(folder) / job.base).mkdir()
        part_files.part_path(where_is(folder), file).write_bytes(b"begun")
        self.cancel(cast, [job], django_capture_on_commit_callbacks)
        assert not list(where_is(folder).iterdir())

    def test_a_link_in_the_place_of_its_folder_isnt_followed(
        self, cast, job, folder, tmp_path, django_capture_on_commit_callbacks
    ):
        file = job.files.select_related("job__torrent").first()
        (tmp_path / "outside").mkdir()
        (where_is(folder) / job.base).symlink_to(tmp_path / "outside")
        victim = tmp_path / "outside" / part_files.part_path(where_is(folder), file).name
        victim.write_bytes(b"of somebody else")
        self.cancel(cast, [job], django_capture_on_commit_callbacks)
        assert victim.read_bytes() == b"of somebody else"

    def test_a_folder_that_isnt_there_keeps_nobody_from_canceling(
        self, cast, job, folder, django_capture_on_commit_callbacks
    ):
        where_is(folder).rmdir()
        assert self.cancel(cast, [job], django_capture_on_commit_callbacks) == 1

    def test_a_saver_that_works_on_it_stops(self, cast, job, django_capture_on_commit_callbacks):
        claimed = claims.claim(job.pk, "a saver")
        assert claims.begin(claimed)
        self.cancel(cast, [job], django_capture_on_commit_callbacks, keep=True)
        assert not claims.renew(claimed)
        claims.release(claimed, state=State.SAVED)
        assert shown(job) == "" and not Job.objects.filter(state=State.SAVED).exists()


class TestOrder:
    def test_a_job_goes_to_the_front_or_the_end(self, cast, folder):
        jobs = [make_job(make_torrent(cast.account, name), folder, base=name) for name in "ABC"]
        keys = [job.pk for job in jobs]
        controlling.move(person=cast.member, job=jobs[2], to_front=True)
        assert claims.due_ids() == [keys[2], keys[0], keys[1]]
        controlling.move(person=cast.member, job=jobs[0], to_front=True)
        controlling.move(person=cast.member, job=jobs[2], to_front=False)
        assert claims.due_ids() == [keys[0], keys[1], keys[2]]
        ranks = []
        for job in jobs:
            job.torrent.refresh_from_db()
            ranks.append(job.torrent.saving_rank)
        assert ranks[0] < ranks[2]


class TestWho:
    def test_people_control_their_own_jobs_and_owners_all_they_see(self, cast, folder):
        def controls(person) -> set[Job]:
            return set(Job.objects.controllable_by(person))

        def sees(person) -> set[Job]:
            return set(Job.objects.visible_to(person))

        guest = make_user("guest", User.Role.GUEST)
        theirs = make_job(make_torrent(cast.account, "A"), folder, cast.member, base="A")
        other = make_job(make_torrent(cast.account, "B"), folder, cast.viewer, base="B")
        hidden = make_job(
            make_torrent(cast.account, "C", hidden=True, added_by=cast.member), folder, cast.member
        )
        assert sees(cast.owner) == controls(cast.owner) == {theirs, other, hidden}
        assert sees(cast.member) == {theirs, other, hidden} and controls(cast.member) == {theirs, hidden}
        assert sees(cast.viewer) == {theirs, other} and controls(cast.viewer) == {other}
        assert not sees(cast.outsider) and not sees(guest)
