"""What the list says about saving, and what writing it costs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from saving.models import Folder, Job, JobFile
from saving.services import showing
from tests.factories import make_account, make_key, make_torrent
from tests.saving.factories import make_folder, make_job
from torrents.models import Torrent
from torrents.saving_states import ORDER
from torrents.saving_states import SavingState as State
from torrents.saving_text import saving_trouble

pytestmark = pytest.mark.django_db


@pytest.fixture
def folder(save_dir) -> Folder:
    return make_folder("Films", "media/films", floor=5)


@pytest.fixture
def job(cast, folder) -> Job:
    return make_job(make_torrent(cast.account, "Show", file_count=4), folder, cast.member)


def show(*jobs: Job) -> Torrent:
    showing.show([job.torrent_id for job in jobs])
    return Torrent.objects.get(pk=jobs[0].torrent_id)


def put(job: Job, state: str, **fields) -> Job:
    Job.objects.filter(pk=job.pk).update(state=state, **fields)
    return job


def revisions(account) -> tuple[int, int]:
    account.refresh_from_db()
    return account.revision, account.shown_revision


class TestWords:
    def test_a_running_job_shows_where_it_goes_and_how_far_it_is(self, job):
        JobFile.objects.filter(pk=job.files.first().pk).update(done_at=timezone.now())
        torrent = show(put(job, State.RUNNING, bytes_done=1720, speed=10))
        assert torrent.saving == State.RUNNING
        params = {name: value for name, value in torrent.saving_params.items() if name != "person"}
        assert params == {
            "folder": "Films",
            "path": "media/films/Show",
            "percent": 43,
            "files": 4,
            "done": 1,
            "speed": 10,
            "eta": 228,
        }

    @pytest.mark.parametrize(
        ("done", "total", "percent"),
        [(0, 0, 0), (5, 0, 0), (999, 1000, 99), (1000, 1000, 99), (1100, 1000, 99)],
    )
    def test_a_hundred_percent_is_only_what_is_saved(self, job, done, total, percent):
        assert (
            show(put(job, State.RUNNING, bytes_done=done, bytes_total=total)).saving_params["percent"]
            == percent
        )
        put(job, State.SAVED, ended_at=timezone.now())
        assert show(job).saving_params["percent"] == 100

    def test_a_blocked_job_shows_why_and_until_when(self, job):
        until = datetime(2026, 11, 30, 22, 0, 0, 5, tzinfo=UTC)
        put(job, State.DISK_FULL, cause=Job.Cause.FLOOR, cause_params={"free": 3}, retry_at=until)
        params = show(job).saving_params
        assert (params["cause"], params["free"], params["floor"]) == ("floor", 3, 5)
        assert params["until"] == "2026-11-30T22:00:00+00:00" and "speed" not in params

    def test_a_job_that_waits_for_one_file_names_it(self, job):
        params = {"missing": 1, "file": "part <1>.mkv"}
        put(job, State.WAITING, cause=Job.Cause.TORBOX, cause_params=params)
        shown = show(job).saving_params
        assert {key: shown[key] for key in params} == params
        assert "hasn’t sent part <1>.mkv yet" in saving_trouble("torbox", shown)
        assert "3 files" in saving_trouble("torbox", shown | {"missing": 3})
        for odd in ({"missing": "1"}, {"missing": 0}, {"file": ""}, {"missing": None, "file": 5}):
            assert saving_trouble("torbox", shown | odd).startswith("TorBox didn’t send the files.")

    def test_the_name_of_who_resumed_it_is_there(self, cast, job):
        assert (
            show(put(job, State.RUNNING, resumed=True, resumed_by=cast.member)).saving_params["by"]
            == "Member"
        )


class TestWhichJob:
    def test_an_unfinished_job_counts_more_than_a_finished_one_and_a_newer_one_more_than_an_older(
        self, cast, job, folder
    ):
        music, books = make_folder("Music"), make_folder("Books")
        newer = make_job(job.torrent, music, state=State.PAUSED)
        saved = make_job(job.torrent, books, state=State.SAVED, ended_at=timezone.now())
        assert show(job).saving_params["folder"] == "Music"
        newer.delete()
        assert show(job).saving_params["folder"] == "Films"
        job.delete()
        assert show(saved).saving_params["folder"] == "Books"
        saved.delete()
        torrent = show(saved)
        assert (torrent.saving, torrent.saving_params, torrent.saving_rank) == ("", {}, 0)

    def test_what_was_saved_is_shown_until_midnight_where_the_instance_is(self, job, settings):
        settings.TIME_ZONE = "Pacific/Auckland"
        timezone.get_default_timezone.cache_clear()
        try:
            zone = timezone.get_default_timezone()
            midnight = timezone.localtime(timezone=zone).replace(hour=0, minute=0, second=0, microsecond=0)
            assert show(put(job, State.SAVED, ended_at=midnight)).saving == State.SAVED
            assert show(put(job, State.SAVED, ended_at=midnight - timedelta(seconds=1))).saving == ""
        finally:
            timezone.get_default_timezone.cache_clear()

    def test_a_failed_job_is_shown_until_someone_deals_with_it(self, job):
        put(job, State.FAILED, created_at=timezone.now() - timedelta(days=9))
        assert show(job).saving == State.FAILED


class TestOrder:
    def test_states_come_first_then_the_queue_and_what_was_saved_last(self, cast, folder):
        jobs = []
        for state in ORDER:
            for _ in range(2):
                torrent = make_torrent(cast.account, f"T{len(jobs)}")
                ended = timezone.now() if state == State.SAVED else None
                jobs.append(make_job(torrent, folder, base=torrent.name, state=state, ended_at=ended))
        showing.show([job.torrent_id for job in jobs])
        ordered = list(Torrent.objects.order_by("saving_rank").values_list("pk", flat=True))
        expected = [job.torrent_id for job in jobs[:-2]] + [jobs[-1].torrent_id, jobs[-2].torrent_id]
        assert ordered == expected

    @pytest.mark.parametrize("place", [-(10**15), -1, 0, 10**15])
    def test_no_place_in_the_queue_leads_out_of_its_state(self, job, place):
        rank = show(put(job, State.PAUSED, place=place)).saving_rank
        step = ORDER.index(State.PAUSED)
        assert step * 1_000_000_000 <= rank < (step + 1) * 1_000_000_000


class TestRevisions:
    def test_only_what_changed_is_written(self, cast, job, folder):
        other = make_job(make_torrent(cast.account, "Other"), folder)
        show(job, other)
        before = revisions(cast.account)
        show(job, other)
        assert revisions(cast.account) == before
        put(job, State.RUNNING, bytes_done=2000)
        row = show(job, other)
        assert revisions(cast.account) == (before[0] + 1, before[1] + 1)
        assert row.revision == before[0] + 1
        assert Torrent.objects.get(pk=other.torrent_id).revision < row.revision

    def test_progress_of_a_hidden_torrent_isnt_told_to_others(self, cast, job):
        Torrent.objects.update(hidden=True)
        before = revisions(cast.account)
        show(put(job, State.RUNNING))
        assert revisions(cast.account) == (before[0] + 1, before[1])

    def test_several_accounts_get_a_revision_each(self, cast, job, folder):
        account = make_account(cast.outsider, make_key("another"))
        other = make_job(make_torrent(account, "Other"), folder, cast.outsider)
        before = revisions(cast.account), revisions(account)
        show(job, other)
        assert (revisions(cast.account), revisions(account)) == tuple((a + 1, b + 1) for a, b in before)

    def test_nothing_else_of_a_row_is_written(self, job):
        before = Torrent.objects.filter(pk=job.torrent_id).values().get()
        show(job)
        after = Torrent.objects.filter(pk=job.torrent_id).values().get()
        changed = {name for name in before if before[name] != after[name]}
        assert changed == {"saving", "saving_params", "saving_rank", "revision"}

    def test_a_thousand_torrents_take_few_queries(self, cast, folder, django_assert_max_num_queries):
        rows = [make_torrent(cast.account, f"T{number}") for number in range(1000)]
        for row in rows:
            make_job(row, folder, base=row.name)
        with django_assert_max_num_queries(100):
            showing.show([row.pk for row in rows])
        assert Torrent.objects.filter(saving=State.WAITING).count() == 1000

    def test_a_torrent_that_is_gone_is_no_trouble(self, job):
        key = job.torrent_id
        job.torrent.delete()
        showing.show([key, 999_999])
        showing.show([])
        assert not Torrent.objects.exists()
