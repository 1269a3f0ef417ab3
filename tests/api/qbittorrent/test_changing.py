"""Programs delete, pause, order, and label torrents, as far as their person may change them."""

from __future__ import annotations

import pytest
from django.utils import timezone

from accounts.models import Share
from api.models import Category
from saving.models import Folder, Job, SaveFirst
from saving.services import automatic, starting
from tests.api.qbittorrent.programs import OK, Program
from tests.factories import make_account, make_hash, make_key, make_torrent, tag
from tests.saving.factories import make_folder, make_job
from torrents.models import Activity, ControlRequest, EditRequest, Torrent
from torrents.saving_states import SavingState
from torrents.states import Status

pytestmark = pytest.mark.django_db


@pytest.fixture
def arr(cast) -> Program:
    return Program(cast.member)


@pytest.fixture
def mine(cast) -> Torrent:
    return make_torrent(cast.account, "Mine", added_by=cast.member)


def operations() -> list[str]:
    return list(ControlRequest.objects.order_by("pk").values_list("operation", flat=True))


class TestDeleting:
    def test_it_is_gone_here_at_once_and_deleted_at_torbox(self, arr, mine):
        assert arr("torrents/delete", hashes=mine.info_hash) == OK
        assert arr.info() == [] and operations() == ["delete"]
        assert arr("torrents/delete", hashes=mine.info_hash.upper(), deleteFiles="true") == OK

    def test_several_or_all_but_only_theirs(self, arr, cast, mine):
        other = make_torrent(cast.account, "Other", added_by=cast.member)
        third = make_torrent(cast.account, "Third", added_by=cast.member)
        theirs = make_torrent(cast.account, "Theirs", added_by=cast.owner)
        assert arr("torrents/delete", hashes=f"{mine.info_hash}|{other.info_hash}|{theirs.info_hash}") == OK
        assert {row["name"] for row in arr.info()} == {"Third", "Theirs"}
        assert arr("torrents/delete", hashes="all") == OK
        assert [row["name"] for row in arr.info()] == ["Theirs"]
        third.refresh_from_db()
        assert third.removed_at

    def test_what_others_added_cannot_be_deleted(self, arr, cast):
        theirs = make_torrent(cast.account, "Theirs", added_by=cast.owner)
        status, text = arr("torrents/delete", hashes=theirs.info_hash, deleteFiles="true")
        assert status == 409 and "others" in text
        assert len(arr.info()) == 1

    def test_what_they_do_not_see_does_not_exist_for_them(self, arr, cast):
        unseen = make_torrent(make_account(cast.outsider, make_key("x")), "Unseen")
        assert arr("torrents/delete", hashes=unseen.info_hash) == OK
        unseen.refresh_from_db()
        assert unseen.removed_at is None

    def test_without_hashes_it_is_refused(self, arr):
        assert arr("torrents/delete", deleteFiles="true")[0] == 400

    @pytest.mark.parametrize("call", ["delete", "pause", "resume", "addTags", "setLocation", "setCategory"])
    def test_a_list_without_any_hash_changes_nothing(self, arr, mine, call):
        assert (
            arr(f"torrents/{call}", hashes="|", deleteFiles="true", tags="x", location="/", category="") == OK
        )
        assert [row["tags"] for row in arr.info()] == [""] and operations() == []

    def test_only_with_files_what_was_saved_goes_too(self, arr, cast, mine, save_dir):
        other = make_torrent(cast.account, "Other", added_by=cast.member)
        saved = {"state": "saved", "ended_at": timezone.now()}
        jobs = [make_job(row, make_folder(row.name), cast.member, **saved) for row in (mine, other)]
        arr("torrents/delete", hashes=mine.info_hash)
        arr("torrents/delete", hashes=other.info_hash, deleteFiles="true")
        kept, gone = (Job.objects.get(pk=job.pk) for job in jobs)
        assert not kept.deleting and gone.deleting

    def test_what_is_being_saved_stops_in_any_case(self, arr, cast, mine, save_dir):
        make_job(mine, make_folder(), cast.member)
        arr("torrents/delete", hashes=mine.info_hash)
        assert not Job.objects.exists()

    def test_what_others_saved_of_it_stays(self, arr, cast, mine, save_dir):
        job = make_job(mine, make_folder(), cast.viewer)
        arr("torrents/delete", hashes=mine.info_hash, deleteFiles="true")
        assert not Job.objects.get().deleting and Job.objects.get() == job

    def test_of_one_on_two_accounts_only_the_one_that_is_shown_goes(self, arr, cast, mine):
        Share.objects.filter(user=cast.member).update(level=Share.Level.MANAGE)
        own = make_torrent(make_account(cast.member, make_key("own")), "Mine", added_by=cast.member)
        tag(own, "tv")
        Category.objects.create(person=cast.member, name="tv")
        assert arr("torrents/delete", hashes=mine.info_hash) == OK
        own.refresh_from_db()
        mine.refresh_from_db()
        assert own.removed_at and not mine.removed_at


class TestPausing:
    @pytest.mark.parametrize("call", ["torrents/pause", "torrents/stop"])
    def test_what_downloads_is_paused_at_torbox(self, arr, cast, call):
        row = make_torrent(cast.account, "Moving", added_by=cast.member, status=Status.DOWNLOADING)
        assert arr(call, hashes=row.info_hash) == OK
        assert operations() == ["pause"]

    @pytest.mark.parametrize("call", ["torrents/resume", "torrents/start"])
    def test_what_is_paused_or_in_the_queue_goes_on(self, arr, cast, call):
        make_torrent(cast.account, "Paused", added_by=cast.member, status=Status.PAUSED)
        make_torrent(
            cast.account, "Queued", added_by=cast.member, status=Status.QUEUED, remote_id=None, queued_id=3
        )
        make_torrent(cast.account, "Waiting", added_by=cast.member, status=Status.WAITING, remote_id=None)
        assert arr(call, hashes="all") == OK
        assert sorted(operations()) == ["resume", "start"]

    def test_seeding_stops(self, arr, cast, mine):
        Torrent.objects.update(active=True)
        arr("torrents/stop", hashes=mine.info_hash)
        assert operations() == ["stop_seeding"]

    def test_saving_pauses_and_goes_on(self, arr, cast, mine, save_dir):
        job = make_job(mine, make_folder(), cast.member)
        arr("torrents/stop", hashes=mine.info_hash)
        job.refresh_from_db()
        assert job.state == "paused" and arr.info()[0]["state"] in ("pausedDL", "stoppedDL")
        arr("torrents/start", hashes=mine.info_hash)
        job.refresh_from_db()
        assert job.state == "waiting" and not operations()

    def test_saving_that_failed_is_tried_again(self, arr, cast, mine, save_dir):
        job = make_job(mine, make_folder(), cast.member, state="failed", cause="torbox")
        arr("torrents/start", hashes=mine.info_hash)
        job.refresh_from_db()
        assert job.state == "waiting"

    def test_peers_are_asked_for_once_a_minute(self, arr, cast):
        row = make_torrent(cast.account, "Stalled", added_by=cast.member, status=Status.STALLED)
        for _ in range(5):
            assert arr("torrents/reannounce", hashes=row.info_hash) == OK
            ControlRequest.objects.update(state="done")
        assert operations() == ["reannounce"]
        ControlRequest.objects.update(created_at=timezone.now() - timezone.timedelta(minutes=2))
        arr("torrents/reannounce", hashes=row.info_hash)
        assert operations() == ["reannounce"] * 2

    def test_a_forced_start_leaves_the_queue(self, arr, cast):
        row = make_torrent(
            cast.account, "Queued", added_by=cast.member, status=Status.QUEUED, remote_id=None, queued_id=3
        )
        arr("torrents/setForceStart", hashes=row.info_hash, value="false")
        assert operations() == []
        arr("torrents/setForceStart", hashes=row.info_hash, value="true")
        assert operations() == ["start"]

    def test_a_limit_of_zero_stops_seeding(self, arr, cast, mine):
        Torrent.objects.update(active=True)
        limits = {"hashes": mine.info_hash, "seedingTimeLimit": "-2", "inactiveSeedingTimeLimit": "-2"}
        assert arr("torrents/setShareLimits", ratioLimit="1", **limits) == OK
        assert operations() == []
        assert arr("torrents/setShareLimits", ratioLimit="0", **limits) == OK
        assert operations() == ["stop_seeding"]


class TestTheQueueOfSaving:
    @pytest.fixture
    def jobs(self, cast, save_dir) -> list[Job]:
        folder = make_folder()
        rows = [make_torrent(cast.account, name, added_by=cast.member) for name in "abcd"]
        return [make_job(row, folder, cast.member) for row in rows]

    def order(self) -> str:
        return "".join(Job.objects.order_by("place", "pk").values_list("torrent__name", flat=True))

    @pytest.mark.parametrize(
        ("call", "names", "order"),
        [
            ("topPrio", "d", "dabc"),
            ("topPrio", "cd", "cdab"),
            ("bottomPrio", "a", "bcda"),
            ("bottomPrio", "ab", "cdab"),
            ("increasePrio", "c", "acbd"),
            ("increasePrio", "a", "abcd"),
            ("increasePrio", "cd", "acdb"),
            ("decreasePrio", "b", "acbd"),
            ("decreasePrio", "ab", "cabd"),
            ("decreasePrio", "d", "abcd"),
        ],
    )
    def test_torrents_move(self, arr, jobs, call, names, order):
        hashes = "|".join(job.torrent.info_hash for job in jobs if job.torrent.name in names)
        assert arr(f"torrents/{call}", hashes=hashes) == OK
        assert self.order() == order

    @pytest.fixture
    def tv(self, arr, jobs) -> None:
        make_folder("tv")
        arr("torrents/createCategory", category="tv")

    def add(self, arr, name: str, **fields: str) -> str:
        assert arr("torrents/add", urls=make_hash(name), rename=name, category="tv", **fields) == OK
        return make_hash(name)

    def begin(self) -> None:
        """Let TorBox have all torrents, which begins their saving."""
        for row in Torrent.objects.exclude(status=Status.READY).order_by("pk"):
            Torrent.objects.filter(pk=row.pk).update(status=Status.READY, remote_id=row.pk)
            Activity.record(row, Activity.Kind.READY)
        automatic.apply_rules()

    def test_what_has_just_been_added_goes_to_the_front_when_its_saving_begins(self, arr, tv):
        for name in "wxyz":
            self.add(arr, name)
        for name in "xy":
            assert arr("torrents/topPrio", hashes=make_hash(name)) == OK
        self.begin()
        assert self.order() == "yxabcdwz"
        assert not SaveFirst.objects.exists()

    def test_the_last_word_counts(self, arr, tv):
        for call in ("topPrio", "topPrio", "bottomPrio"):
            arr(f"torrents/{call}", hashes=self.add(arr, "x"))
        self.begin()
        assert self.order() == "abcdx"

    def test_an_add_can_say_so_itself(self, arr, tv):
        self.add(arr, "x", addToTopOfQueue="true")
        self.add(arr, "y", addToTopOfQueue="false")
        self.begin()
        assert self.order() == "xabcdy"

    def test_what_was_deleted_in_the_meantime_goes_where_all_go(self, arr, tv):
        arr("torrents/topPrio", hashes=self.add(arr, "x"))
        arr("torrents/delete", hashes=make_hash("x"))
        ControlRequest.objects.all().delete()  # TorBox has deleted it
        self.add(arr, "x")
        self.begin()
        assert self.order() == "abcdx"

    def test_what_was_saved_before_it_was_deleted_goes_to_the_front_as_well(self, arr, tv):
        self.add(arr, "x")
        self.begin()
        Job.objects.filter(torrent__name="x").update(state=SavingState.SAVED, ended_at=timezone.now())
        arr("torrents/delete", hashes=make_hash("x"))
        ControlRequest.objects.all().delete()  # TorBox has deleted it
        self.add(arr, "x", addToTopOfQueue="true")
        self.begin()
        assert self.order() == "xabcdx"  # the last one is the old one

    def test_nobody_moves_what_others_save(self, arr, cast, tv):
        """A member's wish counts for what they save, not for what the owner does."""
        arr("torrents/topPrio", hashes=self.add(arr, "x"))
        Torrent.objects.filter(name="x").update(status=Status.READY, remote_id=99)
        starting.save(
            person=cast.owner, torrents=list(Torrent.objects.filter(name="x")), folder=Folder.objects.first()
        )
        assert self.order() == "abcdx"

    def test_without_saving_nothing_moves(self, arr, mine):
        assert arr("torrents/topPrio", hashes=mine.info_hash) == OK


class TestTags:
    @pytest.fixture
    def tv(self, cast) -> Category:
        return Category.objects.create(person=cast.member, name="tv")

    def tags(self, mine) -> list[str]:
        mine.refresh_from_db()
        return sorted(mine.tags)

    def test_tags_come_and_go_and_the_category_stays(self, arr, cast, mine, tv):
        tag(mine, "tv")
        hashes = mine.info_hash
        assert arr("torrents/addTags", hashes=hashes, tags="4K, anime,movies") == OK
        assert self.tags(mine) == ["4K", "anime", "movies", "tv"]
        assert arr("torrents/removeTags", hashes=hashes, tags="movies,tv") == OK
        assert self.tags(mine) == ["4K", "anime", "tv"]
        assert arr("torrents/setTags", hashes=hashes, tags="new,anime") == OK
        assert self.tags(mine) == ["anime", "new", "tv"]
        assert arr("torrents/removeTags", hashes=hashes, tags="") == OK
        assert self.tags(mine) == ["tv"]

    def test_a_category_is_no_tag(self, arr, mine, tv):
        assert arr("torrents/addTags", hashes=mine.info_hash, tags="tv") == OK
        assert self.tags(mine) == [] and not EditRequest.objects.exists()

    def test_deleting_a_tag_takes_it_from_all_that_they_may_change(self, arr, cast, mine, tv):
        tag(mine, "tv", "old")
        theirs = tag(make_torrent(cast.account, "Theirs", added_by=cast.owner), "old")
        assert arr("torrents/createTags", tags="new") == OK
        assert arr("torrents/deleteTags", tags="old,tv") == OK
        assert self.tags(mine) == ["tv"] and self.tags(theirs) == ["old"]


class TestOther:
    def test_a_torrent_is_renamed(self, arr, mine):
        assert arr("torrents/rename", hash=mine.info_hash, name="Better") == OK
        assert arr.info()[0]["name"] == "Better"
        for blank in (" ", "\u200b", "\u0007"):
            assert arr("torrents/rename", hash=mine.info_hash, name=blank)[0] == 409
        assert arr("torrents/rename", hash="0" * 40, name="Better")[0] == 404

    def test_nothing_is_moved_on_disk(self, arr, mine):
        where = arr.info()[0]["save_path"]
        assert arr("torrents/setLocation", hashes=mine.info_hash, location=f"{where}/") == OK
        assert arr("torrents/setLocation", hashes=mine.info_hash, location="/elsewhere")[0] == 409
        assert arr("torrents/setLocation", hashes=mine.info_hash)[0] == 400

    @pytest.mark.parametrize(
        "call",
        [
            "app/setPreferences",
            "torrents/recheck",
            "torrents/setAutoManagement",
            "torrents/toggleSequentialDownload",
            "torrents/toggleFirstLastPiecePrio",
            "torrents/setSuperSeeding",
            "torrents/setDownloadLimit",
            "torrents/setUploadLimit",
            "torrents/filePrio",
        ],
    )
    def test_what_would_stop_programs_is_accepted(self, arr, mine, call):
        assert arr(call, hashes=mine.info_hash, json="{}", value="true", enable="true") == OK
        assert not operations() and not EditRequest.objects.exists()

    def test_no_link_changes_anything(self, arr, mine):
        for call in ("delete", "stop", "add", "createCategory"):
            answer = arr.client.get(f"/qbittorrent/api/v2/torrents/{call}", {"hashes": "all", "urls": "x"})
            assert answer.status_code == 405
        assert len(arr.info()) == 1
