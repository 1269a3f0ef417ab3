"""Start saving: what becomes a job, what is left out, and what the files are called."""

from __future__ import annotations

import os
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connections
from django.utils import timezone

from accounts.models import User
from saving import markers
from saving.engine import part_files, runner
from saving.models import Folder, Job, JobFile, Rule
from saving.services import controlling, starting
from tests.factories import give_files, make_account, make_key, make_torrent, make_user
from tests.saving.factories import make_folder, where_is
from torrents.models import Torrent, TorrentFile
from torrents.saving_states import SavingState as State
from torrents.states import Status

pytestmark = pytest.mark.django_db


@pytest.fixture
def folder(save_dir) -> Folder:
    return make_folder()


def make_show(
    cast, name: str = "Show", paths: tuple[str, ...] = ("1.mkv", "2.mkv", "3.mkv"), **fields
) -> Torrent:
    torrent = make_torrent(cast.account, name, file_count=0, **({"info_hash": os.urandom(20).hex()} | fields))
    give_files(torrent, [f"{name}/{path}" for path in paths])
    return torrent


def save(cast, torrents, folder, person=None, **fields) -> list[Job]:
    return starting.save(person=person or cast.member, torrents=torrents, folder=folder, **fields)


def targets(*jobs: Job) -> list[str]:
    return list(JobFile.objects.filter(job__in=jobs).values_list("target", flat=True))


def chosen(torrent: Torrent, *numbers: int) -> dict[int, list[TorrentFile]]:
    return {torrent.pk: list(torrent.files.filter(remote_id__in=numbers))}


def let_end(job: Job, *, on_disk: bool = True) -> None:
    """Write that a job is saved, with its files on disk unless somebody took them away."""
    job.files.update(done_at=timezone.now())
    Job.objects.filter(pk=job.pk).update(state=State.SAVED, ended_at=timezone.now())
    for target in targets(job) if on_disk else ():
        path = where_is(job.folder) / target
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"saved")


class TestWhatIsSaved:
    def test_each_torrent_that_is_ready_gets_a_job_at_the_end_of_the_queue(self, cast, folder):
        show, film = make_show(cast), make_torrent(cast.account, "Film")
        loading = make_show(cast, "Loading", status=Status.DOWNLOADING)
        (first,) = save(cast, [film], folder)
        second, third = save(cast, [show, loading, make_show(cast, "Other")], folder)
        assert (first.torrent, second.torrent, third.torrent.name) == (film, show, "Other")
        assert first.place < second.place < third.place
        assert (first.base, second.base) == ("", "Show")
        assert targets(first, second) == ["part 0.mkv", "Show/1.mkv", "Show/2.mkv", "Show/3.mkv"]
        second.refresh_from_db()
        assert (second.state, second.bytes_total, second.person) == (State.WAITING, 3000, cast.member)

    def test_checksums_come_along(self, cast, folder):
        show = make_show(cast)
        show.files.filter(remote_id=1).update(md5="ab" * 16)
        (job,) = save(cast, [show], folder)
        assert list(job.files.values_list("md5", flat=True)) == ["", "ab" * 16, ""]

    def test_files_can_be_chosen(self, cast, folder):
        show, other = make_show(cast), make_show(cast, "Other")
        (job,) = save(cast, [show, other], folder, files=chosen(show, 0, 2))
        assert targets(job) == ["Show/1.mkv", "Show/3.mkv"]
        assert (job.torrent, job.bytes_total) == (show, 2000)

    def test_files_are_saved_in_the_order_in_which_people_watch_them(self, cast, folder):
        (job,) = save(cast, [make_show(cast, paths=("E10.mkv", "E2.mkv", "E1.mkv"))], folder)
        assert targets(job) == ["Show/E1.mkv", "Show/E2.mkv", "Show/E10.mkv"]

    def test_a_torrent_in_two_folders_is_saved_twice(self, cast, folder):
        show = make_show(cast)
        (first,), (second,) = save(cast, [show], folder), save(cast, [show], make_folder("Music"))
        assert targets(first) == targets(second)

    def test_a_torrent_whose_files_arent_known_gets_them_later(self, cast, folder):
        bare = make_show(cast, "Bare", paths=(), size=5_000)
        (job,) = save(cast, [bare], folder)
        assert (job.bytes_total, targets(job)) == (5_000, [])
        assert not save(cast, [bare], folder) and not starting.fill(job)
        give_files(bare, ["Bare/1.mkv", "Bare/2.mkv"])
        assert starting.fill(job) and starting.fill(job)
        job.refresh_from_db()
        assert (job.base, job.bytes_total, targets(job)) == ("Bare", 2000, ["Bare/1.mkv", "Bare/2.mkv"])
        assert not save(cast, [bare], folder)

    def test_a_job_whose_files_a_later_one_saves_gives_way_to_it(self, cast, folder):
        bare = make_show(cast, "Bare", paths=())
        (first,) = save(cast, [bare], folder)
        give_files(bare, ["Bare/1.mkv", "Bare/2.mkv"])
        (later,) = save(cast, [bare], folder)
        runner.run(first.pk)
        assert Job.objects.get() == later and len(targets(later)) == 2

    def test_twenty_thousand_files_take_few_queries(self, cast, folder, django_assert_max_num_queries):
        large = make_show(cast, "Large", tuple(f"{n % 40}/{n}.mkv" for n in range(20_000)))
        with django_assert_max_num_queries(40):
            (job,) = save(cast, [large], folder)
        assert JobFile.objects.filter(job=job).values("target_key").distinct().count() == 20_000
        assert not save(cast, [large], folder)

    def test_thousands_of_torrents_of_one_name_get_a_name_each(
        self, cast, folder, django_assert_max_num_queries
    ):
        many = [make_show(cast, "Same", ("Same.mkv",)) for _ in range(600)]
        with django_assert_max_num_queries(120):
            jobs = save(cast, many, folder)
        assert sorted(targets(*jobs))[:2] == ["Same (10).mkv", "Same (100).mkv"] and len(jobs) == 600


class TestNothingTwice:
    def test_a_second_click_changes_nothing(self, cast, folder):
        show = make_show(cast)
        (job,) = save(cast, [show], folder)
        assert save(cast, [show, show], folder) == save(cast, [show], folder, person=cast.owner) == []
        assert Job.objects.get() == job and JobFile.objects.count() == 3

    def test_only_what_isnt_chosen_yet_is_added_and_joins_the_same_folder(self, cast, folder):
        show = make_show(cast)
        (first,) = save(cast, [show], folder, files=chosen(show, 0))
        (second,) = save(cast, [show], folder)
        assert (targets(first), targets(second)) == (["Show/1.mkv"], ["Show/2.mkv", "Show/3.mkv"])

    def test_what_is_saved_and_still_there_is_left_out(self, cast, folder):
        show = make_show(cast)
        let_end(save(cast, [show], folder)[0])
        assert not save(cast, [show], folder)

    def test_what_was_taken_away_since_is_saved_again_where_it_was(self, cast, folder):
        show = make_show(cast)
        (first,) = save(cast, [show], folder)
        let_end(first)
        (where_is(folder) / "Show/2.mkv").unlink()
        (again,) = save(cast, [show], folder)
        assert targets(again) == ["Show/2.mkv"] and targets(first) == ["Show/1.mkv", "Show/3.mkv"]

    def test_a_single_file_that_was_taken_away_keeps_its_name(self, cast, folder):
        film = make_torrent(cast.account, "Film")
        let_end(save(cast, [film], folder)[0], on_disk=False)
        assert targets(*save(cast, [film], folder)) == ["part 0.mkv"]

    def test_it_is_saved_again_also_if_its_files_become_known_only_later(self, cast, folder):
        show = make_show(cast)
        (first,) = save(cast, [show], folder)
        let_end(first, on_disk=False)
        listed = list(show.files.all())
        show.files.all().delete()
        (again,) = save(cast, [show], folder)
        TorrentFile.objects.bulk_create(listed)
        assert starting.fill(again)
        assert targets(again) == ["Show/1.mkv", "Show/2.mkv", "Show/3.mkv"] and not targets(first)

    def test_nothing_is_saved_again_while_the_disk_isnt_mounted(self, cast, folder):
        show = make_show(cast)
        markers.mark(folder, where_is(folder))
        folder.refresh_from_db()
        let_end(save(cast, [show], folder)[0], on_disk=False)
        (where_is(folder) / markers.NAME).unlink()  # an empty mount point
        assert not save(cast, [show], folder)

    def test_a_job_that_failed_is_tried_again(self, cast, folder):
        show = make_show(cast)
        (job,) = save(cast, [show], folder)
        Job.objects.filter(pk=job.pk).update(state=State.FAILED, cause=Job.Cause.SIZE, attempts=3)
        assert save(cast, [show], folder, person=cast.owner) == [job]
        job.refresh_from_db()
        assert (job.state, job.cause, job.attempts, job.person) == (State.WAITING, "", 0, cast.member)
        assert Job.objects.count() == 1

    def test_a_canceled_job_goes_on_with_its_partial_files(self, cast, folder, sim, at_torbox):
        torrent = at_torbox({"a.mkv": 100_000, "b.mkv": 50_000}, "Show")
        (job,) = save(cast, [torrent], folder, person=cast.owner)
        file = job.files.select_related("job__torrent").first()
        data = sim.control.expected_bytes(torrent.info_hash, file.path)
        (where_is(folder) / "Show").mkdir()
        part_files.part_path(where_is(folder), file).write_bytes(data[:70_000])
        controlling.cancel(person=cast.owner, jobs=[job], keep_partial=True)
        (again,) = save(cast, [torrent], folder, person=cast.owner)
        assert targets(again) == ["Show/a.mkv", "Show/b.mkv"] and list(Job.objects.all()) == [again]
        runner.run(again.pk)
        again.refresh_from_db()
        assert again.state == State.SAVED
        assert (where_is(folder) / "Show/a.mkv").read_bytes() == data


class TestNames:
    def test_two_torrents_of_one_name_go_into_two_folders(self, cast, folder):
        jobs = save(cast, [make_show(cast), make_show(cast), make_show(cast, "SHOW")], folder)
        assert [job.base for job in jobs] == ["Show", "Show (2)", "SHOW (3)"]
        (fourth,) = save(cast, [make_show(cast)], folder)
        assert targets(fourth)[0] == "Show (4)/1.mkv"

    def test_two_films_of_one_name_are_two_files(self, cast, folder):
        jobs = save(cast, [make_show(cast, "A", ("f.mkv",)), make_show(cast, "B", ("F.MKV",))], folder)
        assert targets(*jobs) == ["f.mkv", "F (2).MKV"]

    def test_what_is_on_disk_is_never_in_the_way(self, cast, folder):
        (where_is(folder) / "SHOW").mkdir()
        (where_is(folder) / "Show (2)").write_bytes(b"")
        (where_is(folder) / "film.MKV").symlink_to("/nowhere")
        show, film = make_show(cast), make_show(cast, "Film", ("film.mkv",))
        assert [job.base for job in save(cast, [show, film], folder)] == ["Show (3)", ""]
        assert targets(Job.objects.get(torrent=film)) == ["film (2).mkv"]

    def test_files_that_join_earlier_ones_avoid_what_is_there(self, cast, folder):
        show = make_show(cast)
        let_end(save(cast, [show], folder, files=chosen(show, 0))[0])
        (where_is(folder) / "Show/2.MKV").write_bytes(b"of somebody else")
        assert targets(*save(cast, [show], folder)) == ["Show/2 (2).mkv", "Show/3.mkv"]

    @pytest.mark.parametrize("name", ["", "..", "/etc", "a/../../b", "con", "\u202e\u200b", "x" * 400])
    def test_no_name_leads_outside_of_the_folder(self, cast, folder, name):
        hostile = make_show(cast, "Show", ("../../x.mkv", "/etc/passwd", "..", "a/../b"))
        Torrent.objects.update(name=name)
        (job,) = save(cast, [hostile], folder)
        assert job.base and ".." not in job.base.split("/") and len(job.base.encode()) <= 249
        for target in targets(job):
            path = where_is(folder) / target
            assert os.path.normpath(path).startswith(f"{where_is(folder)}/{job.base}/")


class TestWho:
    def test_a_folder_that_isnt_theirs_is_refused(self, cast, folder):
        Folder.objects.update(for_everyone=False)
        with pytest.raises(starting.NotAllowed):
            save(cast, [make_show(cast)], folder)
        folder.people.add(cast.member)
        assert save(cast, [make_show(cast)], folder)
        assert save(cast, [make_show(cast)], folder, person=cast.owner)

    def test_a_folder_that_was_just_removed_is_refused(self, cast, folder):
        Folder.objects.filter(pk=folder.pk).delete()
        with pytest.raises(starting.NotAllowed):
            save(cast, [make_show(cast)], folder)

    def test_torrents_that_a_person_may_not_see_are_left_out(self, cast, folder):
        hidden = make_show(cast, "Hidden", hidden=True, added_by=cast.owner)
        gone = make_show(cast, "Gone", removed_at=timezone.now())
        other = make_torrent(make_account(cast.outsider, make_key("other")), "Other")
        guest = make_user("guest", User.Role.GUEST)
        rows = [hidden, gone, other]
        assert save(cast, rows, folder) == save(cast, rows, folder, person=guest) == []
        assert [job.torrent for job in save(cast, rows, folder, person=cast.owner)] == [hidden]


class TestUndo:
    def test_what_was_just_started_is_taken_back(self, cast, folder):
        show, film = make_show(cast), make_torrent(cast.account, "Film")
        keys = [job.pk for job in save(cast, [show, film], folder)]
        assert starting.undo(person=cast.owner, keys=keys) == 0
        assert starting.undo(person=cast.member, keys=keys[:1]) == 1
        assert [job.torrent for job in Job.objects.all()] == [film]
        show.refresh_from_db()
        assert (show.saving, show.saving_params) == ("", {})

    def test_what_a_rule_of_theirs_started_goes_on(self, cast, folder):
        (job,) = save(cast, [make_show(cast)], folder)
        rule = Rule.objects.create(kind=Rule.Kind.TAG, tag="films", folder=folder, made_by=cast.member)
        Job.objects.update(rule=rule)
        assert starting.undo(person=cast.member, keys=[job.pk]) == 0 and Job.objects.exists()

    def test_after_a_minute_it_is_too_late(self, cast, folder):
        (job,) = save(cast, [make_show(cast)], folder)
        Job.objects.update(created_at=timezone.now() - timedelta(minutes=2))
        assert starting.undo(person=cast.member, keys=[job.pk]) == 0 and Job.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_people_who_save_the_same_torrents_at_once_make_one_job_each(cast, save_dir):
    folder, together = make_folder(), threading.Barrier(4)
    shows = [make_show(cast) for _ in range(5)]

    def click(number: int) -> int:
        try:
            together.wait(20)
            order = shows if number % 2 else shows[::-1]
            return len(save(cast, order, folder, person=(cast.member, cast.owner)[number % 2]))
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as threads:
        assert sum(threads.map(click, range(4))) == 5
    assert sorted(Job.objects.values_list("base", flat=True)) == [
        "Show",
        *(f"Show ({n})" for n in range(2, 6)),
    ]
    assert JobFile.objects.count() == 15
