"""Torrents that are saved to disk, as programs see them: `downloading` until all is there, then where it really is."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from api.models import Category
from saving.engine import runner
from saving.models import Folder, Job, Rule, RuleMatch
from saving.services import starting
from tests.api.qbittorrent.programs import Program
from tests.factories import give_files, make_torrent, tag
from tests.saving.factories import make_folder, make_job, where_is
from torrents.models import Torrent
from torrents.saving_states import SavingState
from torrents.services.sync import refreshing
from torrents.states import Status

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("save_dir")]
LONG_AGO = timezone.now() - timedelta(days=2)


@pytest.fixture
def arr(cast) -> Program:
    return Program(cast.member)


@pytest.fixture
def folder(cast):
    return make_folder("Shows", "media/tv")


@pytest.fixture
def tv(cast, folder) -> Category:
    rule = Rule.objects.create(kind=Rule.Kind.TAG, tag="tv", folder=folder, made_by=cast.owner)
    return Category.objects.create(person=cast.member, name="tv", rule=rule)


@pytest.fixture
def show(cast, tv) -> Torrent:
    made = make_torrent(cast.account, "Show", file_count=3, added_at=LONG_AGO, status_since=LONG_AGO)
    return tag(made, "tv")


def row_of(arr: Program, **query: str):
    (row,) = arr.info(**query)
    return row


class TestWhileSaving:
    @pytest.mark.parametrize("state", [SavingState.WAITING, SavingState.RUNNING, SavingState.SCHEDULED])
    def test_it_downloads_and_progress_speed_and_time_left_are_those_of_saving(
        self, arr, show, folder, state
    ):
        make_job(show, folder, state=state, bytes_done=1200, speed=100)
        row = row_of(arr, category="tv")
        assert (row["state"], row["size"], row["progress"]) == ("downloading", 3000, 0.4)
        assert (row["amount_left"], row["completed"], row["total_size"]) == (1800, 1200, 1_000_000)
        speed, eta = (100, 18) if state == SavingState.RUNNING else (0, 8_640_000)
        assert (row["dlspeed"], row["eta"]) == (speed, eta)

    @pytest.mark.parametrize(
        "state", [SavingState.DISK_FULL, SavingState.NO_FOLDER, SavingState.DENIED, SavingState.FAILED]
    )
    def test_what_cannot_go_on_is_an_error_and_not_complete(self, arr, show, folder, state):
        make_job(show, folder, state=state, bytes_done=3000)
        row = row_of(arr)
        assert row["state"] == "error" and row["progress"] == 0.999 and row["amount_left"] > 0

    def test_what_is_paused_is_stopped(self, arr, show, folder):
        make_job(show, folder, state=SavingState.PAUSED)
        assert row_of(arr)["state"] == "pausedDL"

    def test_all_jobs_have_to_be_done(self, arr, show, folder):
        first, *others = show.files.all()
        make_job(show, folder, files=[first], base="Show", **saved())
        make_job(show, folder, files=others, base="Show", state=SavingState.RUNNING, bytes_done=500)
        row = row_of(arr)
        assert (row["state"], row["progress"]) == ("downloading", 0.5)
        Job.objects.update(**saved())
        assert row_of(arr)["state"] == "pausedUP"


class TestWhatIsSaved:
    def test_several_files_are_in_a_folder_of_their_own(self, arr, show, folder, save_dir):
        make_job(show, folder, base="Show (2)", **saved())
        row = row_of(arr)
        assert (row["state"], row["progress"], row["save_path"]) == ("pausedUP", 1, f"{save_dir}/media/tv")
        assert row["content_path"] == row["root_path"] == f"{save_dir}/media/tv/Show (2)"

    def test_a_single_file_is_its_own_content(self, arr, cast, tv, folder, save_dir):
        made = tag(make_torrent(cast.account, "Show S01", added_at=LONG_AGO), "tv")
        give_files(made, ["Show S01/show.s01e01.mkv"])
        make_job(made, folder, **saved())
        row = row_of(arr)
        assert row["content_path"] == f"{save_dir}/media/tv/show.s01e01.mkv" and row["root_path"] == ""

    def test_the_folder_may_be_save_dir_itself(self, arr, cast, save_dir):
        whole = make_folder("All", "x")
        whole.path = ""
        whole.save(update_fields=["path"])
        make_job(make_torrent(cast.account, file_count=2), whole, base="Film", **saved())
        row = row_of(arr)
        assert (row["save_path"], row["content_path"]) == (str(save_dir), f"{save_dir}/Film")

    def test_it_stays_where_it_is_when_the_folder_gets_another_path(self, arr, show, folder, save_dir):
        make_job(show, folder, state=SavingState.SAVED, base="Show", ended_at=timezone.now())
        Folder.objects.update(path="media/series")
        assert row_of(arr)["content_path"] == f"{save_dir}/media/tv/Show"

    def test_it_is_complete_since_it_was_saved(self, arr, show, folder):
        then = timezone.now() - timedelta(hours=1)
        make_job(show, folder, **saved(then))
        row = row_of(arr)
        assert row["completion_on"] == row["last_activity"] == int(then.timestamp())

    @pytest.mark.parametrize("status", [Status.GONE, Status.FAILED])
    def test_it_stays_complete_when_torbox_removes_it(self, arr, show, folder, status):
        make_job(show, folder, **saved())
        Torrent.objects.update(status=status)
        assert row_of(arr)["state"] == "pausedUP"

    def test_the_folder_of_the_category_counts_and_else_the_last_one(self, arr, show, folder, tv, save_dir):
        make_job(show, folder, base="In tv", **saved())
        make_job(show, make_folder("Other", "other"), base="Elsewhere", **saved())
        assert row_of(arr)["content_path"] == f"{save_dir}/media/tv/In tv"
        tv.delete()
        assert row_of(arr)["content_path"] == f"{save_dir}/other/Elsewhere"

    def test_what_was_canceled_is_no_copy(self, arr, show, folder):
        make_job(show, folder, state=SavingState.PAUSED, ended_at=timezone.now())
        row = row_of(arr)
        assert row["state"] == "pausedUP" and row["content_path"] == row["save_path"]

    def test_a_copy_from_before_it_was_deleted_and_added_again_does_not_count(self, arr, show, folder):
        make_job(show, folder, **saved(), created_at=timezone.now() - timedelta(days=3))
        Torrent.objects.update(status=Status.DOWNLOADING, progress=0.1)
        assert row_of(arr)["state"] == "downloading"

    def test_without_save_dir_jobs_say_nothing(self, arr, show, folder, settings):
        make_job(show, folder, state=SavingState.RUNNING)
        settings.SAVE_DIR = None
        assert row_of(arr)["state"] == "pausedUP"

    def test_names_are_those_on_disk(self, arr, cast, sim, folder):
        """Paths of real torrents: saved by the engine, and looked for where the program is told."""
        works = {
            "Sing:le? film": 1,
            "Trailing dots...": {"Trailing dots.../a<b>.mkv": 10, "Trailing dots.../CON.txt": 10},
            "x" * 300: {"one.mkv": 10, "sub/two.mkv": 10},
        }
        torrents = [
            {"key": cast.key, "work": sim.control.make_work(name, files), "state": "completed"}
            for name, files in works.items()
        ]
        sim.control.seed(torrents=torrents)
        assert refreshing.refresh(cast.account, fresh=True)
        for job in starting.save(person=cast.owner, torrents=list(Torrent.objects.all()), folder=folder):
            runner.run(job.pk)
        assert {row["state"] for row in arr.info()} == {"pausedUP"}
        for row in arr.info():
            target = where_is(folder) / row["content_path"].removeprefix(f"{where_is(folder)}/")
            assert row["content_path"] != row["save_path"] and target.exists()
            files = arr.read("torrents/files", hash=row["hash"])
            assert all((where_is(folder) / file["name"]).is_file() for file in files)
            assert {file["progress"] for file in files} == {1}


class TestAwaited:
    def test_a_torrent_that_has_just_become_ready_is_not_complete_until_its_rule_has_been_applied(
        self, arr, show, tv, save_dir
    ):
        Torrent.objects.update(status_since=timezone.now())
        row = row_of(arr)
        assert (row["state"], row["progress"]) == ("downloading", 0)
        assert row["save_path"] == f"{save_dir}/media/tv"
        RuleMatch.objects.create(rule=tv.rule, torrent=show, started_at=timezone.now())
        assert row_of(arr)["state"] == "pausedUP"

    def test_one_that_the_rule_has_noted_waits_as_long_as_it_takes(self, arr, show, tv):
        RuleMatch.objects.create(rule=tv.rule, torrent=show)
        assert row_of(arr)["state"] == "downloading"

    def test_one_that_no_rule_takes_is_complete_without_a_path(self, arr, show, save_dir):
        row = row_of(arr)
        assert (
            row["state"] == "pausedUP" and row["content_path"] == row["save_path"] == f"{save_dir}/media/tv"
        )

    def test_a_category_without_a_rule_awaits_nothing(self, arr, show, tv):
        Category.objects.update(rule=None)
        Rule.objects.all().delete()
        Torrent.objects.update(status_since=timezone.now())
        assert row_of(arr)["state"] == "pausedUP"

    def test_before_torbox_has_it_the_path_is_that_of_the_folder(self, arr, show, save_dir):
        Torrent.objects.update(status=Status.DOWNLOADING)
        row = row_of(arr)
        assert row["save_path"] == row["content_path"] == f"{save_dir}/media/tv"


class TestWithoutSaving:
    @pytest.fixture(autouse=True)
    def _nothing_saves(self, settings):
        settings.SAVE_DIR = None

    @pytest.mark.parametrize(
        ("paths", "content"),
        [
            (["film.mkv"], "film.mkv"),
            (["A film/film.mkv"], "A film/film.mkv"),
            (["Root/a.mkv", "Root/sub/b.srt"], "Root"),
            (["a.mkv", "b.mkv"], "A film"),
        ],
    )
    def test_with_a_mount_content_is_what_torbox_shows_there(self, arr, cast, settings, paths, content):
        settings.MEDIA_PATH = "/mnt/torbox"
        made = make_torrent(cast.account, file_count=len(paths))
        give_files(made, paths)
        row = row_of(arr)
        assert (row["state"], row["save_path"]) == ("pausedUP", "/mnt/torbox")
        assert row["content_path"] == f"/mnt/torbox/{content}"

    @pytest.mark.parametrize("path", ["../../etc/passwd", "/etc/passwd", "a/../../b", "..", "a//b"])
    def test_names_from_outside_never_lead_out_of_the_mount(self, arr, cast, settings, path):
        settings.MEDIA_PATH = "/mnt/torbox"
        give_files(make_torrent(cast.account), [path])
        row = row_of(arr)
        assert row["content_path"] == row["save_path"]
        assert ".." not in arr.read("torrents/files", hash=row["hash"])[0]["name"]

    def test_a_mount_of_a_windows_machine_or_at_the_root(self, arr, cast, settings):
        give_files(make_torrent(cast.account), ["film.mkv"])
        for mount, path in (("M:/torbox", "M:/torbox/film.mkv"), ("/", "/film.mkv")):
            settings.MEDIA_PATH = mount
            assert row_of(arr)["content_path"] == path

    def test_with_neither_a_copy_nor_a_mount_content_is_nowhere(self, arr, cast, settings):
        """*arr warns about such a torrent, and doesn't import anything."""
        make_torrent(cast.account)
        row = row_of(arr)
        assert row["state"] == "pausedUP" and row["content_path"] == row["save_path"]
        assert arr.read("app/preferences")["save_path"] == row["save_path"]


class TestCategories:
    def test_have_the_folder_of_their_rule_or_of_the_household_or_none(self, arr, cast, tv, save_dir):
        Rule.objects.create(
            kind=Rule.Kind.TAG, tag="music", folder=make_folder("Music", "m"), made_by=cast.owner
        )
        for name in ("music", "unsaved"):
            Category.objects.create(person=cast.member, name=name)
        Category.objects.create(person=cast.owner, name="theirs")
        assert arr.read("torrents/categories") == {
            "music": {"name": "music", "savePath": f"{save_dir}/m"},
            "tv": {"name": "tv", "savePath": f"{save_dir}/media/tv"},
            "unsaved": {"name": "unsaved", "savePath": ""},
        }


def saved(at=None) -> dict[str, object]:
    return {"state": SavingState.SAVED, "ended_at": at or timezone.now(), "bytes_done": 1000}
