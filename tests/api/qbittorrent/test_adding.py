"""Programs add torrents: in every form, into a category, and in loops, without waiting for TorBox."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Share
from api.models import Category, LinkToAdd
from saving.models import RuleMatch
from saving.services import automatic, rules
from tests.api.qbittorrent.programs import FAILS, OK, Program
from tests.factories import make_account, make_hash, make_key, make_torrent, make_user, tag
from tests.saving.factories import make_folder
from torrents.models import AddRequest, ControlRequest, Seed, Torrent
from torrents.services.actions import controlling, hiding
from torrents.services.outbox import sending

pytestmark = pytest.mark.django_db
A, B = make_hash("first"), make_hash("second")
MAGNET = f"magnet:?xt=urn:btih:{A}&dn=A.Show.S01E01&tr=udp%3A%2F%2Ftracker.example.org%3A6969"


@pytest.fixture
def arr(cast) -> Program:
    return Program(cast.member)


def torrent_file(sim, name: str = "A film") -> bytes:
    return sim.control.make_work(name, {"film.mkv": 1000}).torrent_bytes


class TestWhatCanBeAdded:
    def test_a_magnet_into_a_category(self, arr, cast):
        assert arr("torrents/add", urls=MAGNET, category="tv-sonarr", ratioLimit="-2") == OK
        (torrent,) = Torrent.objects.all()
        assert (torrent.account, torrent.added_by, torrent.info_hash) == (cast.account, cast.member, A)
        assert torrent.name == "A.Show.S01E01" and torrent.tags == ["tv-sonarr"]
        assert Category.objects.get().name == "tv-sonarr"
        (info,) = arr.info(category="tv-sonarr")
        assert (info["hash"], info["category"], info["state"]) == (A, "tv-sonarr", "metaDL")
        assert arr.info(category="radarr") == []

    def test_a_file_in_a_part_of_any_name(self, arr, sim):
        for number, part in enumerate(("torrents", "fileselect", "anything")):
            data = torrent_file(sim, f"Film {number}")
            assert arr("torrents/add", files={part: data}, category="movies") == OK
        assert Torrent.objects.count() == AddRequest.objects.exclude(torrent_file=None).count() == 3

    def test_several_lines_hashes_and_files_at_once(self, arr, sim):
        urls = f"\r\n {A.upper()} \n\nmagnet:?xt=urn:btih:{B}\n{A}"
        assert arr("torrents/add", files={"torrents": torrent_file(sim)}, urls=urls) == OK
        assert Torrent.objects.count() == 3

    def test_what_can_be_added_is_added_although_the_rest_cannot(self, arr):
        assert arr("torrents/add", urls=f"nonsense\n{A}") == OK
        assert Torrent.objects.get().info_hash == A

    @pytest.mark.parametrize(
        "urls", ["", "nonsense", "magnet:?dn=without-a-hash", "ftp://example.org/a.torrent"]
    )
    def test_without_anything_it_fails(self, arr, urls):
        assert arr("torrents/add", urls=urls) == FAILS
        assert not Torrent.objects.exists()

    def test_a_file_that_is_none_is_refused_and_nothing_is_added(self, arr, sim):
        files = {"torrents": torrent_file(sim), "other": b"<html>Sign in first</html>"}
        status, text = arr("torrents/add", files=files, urls=A)
        assert status == 415 and "x.torrent" in text
        assert not Torrent.objects.exists()

    @pytest.mark.parametrize("name", ["/tv", "a//b", "back\\slash", "a,b", "x" * 101])
    def test_a_category_that_cannot_be_one_is_refused(self, arr, name):
        for urls in (MAGNET, "https://tracker.example/a.torrent"):
            status, text = arr("torrents/add", urls=urls, category=name)
            assert status == 400 and "category" in text
        assert not LinkToAdd.objects.exists()
        assert not Torrent.objects.exists()


class TestOptions:
    def test_name_tags_and_waiting_in_the_queue(self, arr):
        arr("torrents/add", urls=MAGNET, category="tv", tags="anime, 4K", rename="Better", stopped="true")
        torrent = Torrent.objects.get()
        assert torrent.name == "Better" and torrent.tags == ["tv", "anime", "4K"]
        assert torrent.request.as_queued and torrent.request.name == "Better"
        assert arr.info()[0]["tags"] == "anime, 4K"

    @pytest.mark.parametrize(
        ("limits", "seed"),
        [
            ({}, Seed.AUTOMATIC),
            ({"ratioLimit": "-2", "seedingTimeLimit": "-2"}, Seed.AUTOMATIC),
            ({"ratioLimit": "0"}, Seed.NO),
            ({"ratioLimit": "1.5"}, Seed.YES),
            ({"ratioLimit": "-1"}, Seed.YES),
            ({"seedingTimeLimit": "1440"}, Seed.YES),
            ({"ratioLimit": "much"}, Seed.AUTOMATIC),
        ],
    )
    def test_limits_say_whether_torbox_seeds(self, arr, limits, seed):
        assert arr("torrents/add", urls=MAGNET, **limits) == OK
        assert AddRequest.objects.get().seed == seed

    def test_what_means_nothing_here_is_accepted(self, arr):
        more = {
            "paused": "false",
            "contentLayout": "Original",
            "sequentialDownload": "true",
            "firstLastPiecePrio": "true",
            "savepath": "/somewhere",
            "autoTMM": "false",
            "skip_checking": "true",
            "upLimit": "1000",
        }
        assert arr("torrents/add", urls=MAGNET, **more) == OK
        assert not AddRequest.objects.get().as_queued


class TestAgain:
    def test_the_same_one_in_a_loop_reaches_torbox_once(self, arr, cast, sim):
        for _ in range(5):
            assert arr("torrents/add", urls=MAGNET, category="tv") == OK
            sending.send_due(cast.account.pk)
        assert sim.control.count("createtorrent") == 1
        assert [row["category"] for row in arr.info()] == ["tv"]

    def test_one_that_torbox_refused_is_not_sent_again_at_once(self, arr, cast, sim):
        sim.control.fail("createtorrent", "403_plan", times=10)
        arr("torrents/add", urls=MAGNET, category="tv")
        sending.send_due(cast.account.pk)
        assert arr.info()[0]["state"] == "error"
        for _ in range(3):
            assert arr("torrents/add", urls=MAGNET, category="tv") == OK
            sending.send_due(cast.account.pk)
        assert sim.control.count("createtorrent") == 1
        Torrent.objects.update(status_since=timezone.now() - timedelta(hours=2))
        assert arr("torrents/add", urls=MAGNET, category="tv") == OK
        sending.send_due(cast.account.pk)
        assert sim.control.count("createtorrent") == 2

    def test_one_that_was_deleted_is_added_again(self, arr, cast):
        arr("torrents/add", urls=MAGNET, category="tv")
        assert arr("torrents/delete", hashes=A) == OK
        assert arr.info() == []
        assert arr("torrents/add", urls=MAGNET, category="tv") == OK
        assert [row["category"] for row in arr.info()] == ["tv"]

    def test_one_that_is_there_gets_the_category_in_place_of_another(self, arr, cast):
        known = tag(make_torrent(cast.account, info_hash=A, added_by=cast.member), "movies", "4K")
        Category.objects.create(person=cast.member, name="movies")
        assert arr("torrents/add", urls=MAGNET, category="tv", tags="new") == OK
        known.refresh_from_db()
        assert sorted(known.tags) == ["4K", "new", "tv"]
        assert arr.info()[0]["category"] == "tv" and not AddRequest.objects.exists()

    def test_one_that_another_person_added_goes_to_an_account_of_ones_own(self, arr, cast):
        make_torrent(cast.account, info_hash=A, added_by=cast.owner)
        assert arr("torrents/add", urls=MAGNET, category="tv") == FAILS  # they can't change it
        own = make_account(cast.member, make_key("own"), "Own")
        assert arr("torrents/add", urls=MAGNET, category="tv") == OK
        assert Torrent.objects.get(added_by=cast.member).account == own
        assert [row["hash"] for row in arr.info(category="tv")] == [A]

    def test_one_that_others_added_on_each_account_fails_with_a_category(self, arr, cast):
        other = make_account(cast.owner, make_key("other"), "Other")
        Share.objects.create(account=other, user=cast.member, level=Share.Level.ADD)
        for account in (cast.account, other):
            make_torrent(account, info_hash=A, added_by=cast.owner)
        assert arr("torrents/add", urls=MAGNET, category="tv") == FAILS
        assert arr.info(category="tv") == []

    def test_the_others_are_added_although_someone_else_added_one(self, arr, cast):
        make_torrent(cast.account, info_hash=A, added_by=cast.owner)
        assert arr("torrents/add", urls=f"{A}\n{B}", category="tv") == OK
        assert [row["hash"] for row in arr.info(category="tv")] == [B]

    def test_one_that_another_person_has_just_deleted_becomes_their_own(self, arr, cast):
        torrent = make_torrent(cast.account, info_hash=A, added_by=cast.owner)
        controlling.remove(person=cast.owner, torrents=[torrent])
        assert arr("torrents/add", urls=MAGNET, category="tv") == OK
        assert [row["hash"] for row in arr.info(category="tv")] == [A]
        assert Torrent.objects.get().added_by == cast.member

    def test_one_that_was_just_deleted_comes_back_in_the_new_category(self, arr):
        arr("torrents/add", urls=MAGNET, category="movies")
        assert arr("torrents/delete", hashes=A) == OK
        assert arr("torrents/add", urls=MAGNET, category="tv", tags="4K") == OK
        assert [(row["category"], row["tags"]) for row in arr.info()] == [("tv", "4K")]

    def test_one_that_was_deleted_before_torbox_had_its_category_comes_back_in_the_new_one(self, arr):
        arr("torrents/add", urls=MAGNET, category="movies", tags="HD")
        assert arr("torrents/delete", hashes=A) == OK
        ControlRequest.objects.all().delete()  # TorBox has deleted it
        assert arr("torrents/add", urls=MAGNET, category="tv", tags="4K") == OK
        assert [(row["category"], row["tags"]) for row in arr.info()] == [("tv", "HD, 4K")]

    def test_one_that_another_person_has_just_deleted_leaves_a_category_of_theirs(self, arr, cast):
        arr("torrents/createCategory", category="movies")
        torrent = tag(make_torrent(cast.account, info_hash=A, added_by=cast.owner), "movies")
        controlling.remove(person=cast.owner, torrents=[torrent])
        assert arr("torrents/add", urls=MAGNET, category="tv") == OK
        assert [row["category"] for row in arr.info()] == ["tv"]

    def test_one_that_another_person_added_is_enough_without_a_category(self, arr, cast):
        make_torrent(cast.account, info_hash=A, added_by=cast.owner)
        assert arr("torrents/add", urls=MAGNET) == OK
        assert Torrent.objects.count() == 1

    def test_one_that_is_hidden_from_them_tells_nothing(self, arr, cast):
        hidden = make_torrent(cast.account, info_hash=A, added_by=cast.owner)
        hiding.hide(hidden)
        assert arr("torrents/add", urls=MAGNET, category="tv") == OK
        assert [row["hash"] for row in arr.info(category="tv")] == [A]


def test_an_add_takes_few_queries(arr, django_assert_max_num_queries):
    arr("torrents/add", urls=B, category="tv")
    with django_assert_max_num_queries(21):  # three of them are BEGIN, COMMIT, and the like
        assert arr("torrents/add", urls=A, category="tv") == OK
    with django_assert_max_num_queries(10):
        assert arr("torrents/add", urls=A, category="tv") == OK


class TestWhereTo:
    def test_guests_and_people_without_an_account_add_nothing(self, cast):
        guest = make_user("guest", "guest")
        Share.objects.create(account=cast.account, user=guest, level=Share.Level.ADD)
        for person in (guest, cast.viewer, cast.outsider):
            assert Program(person)("torrents/add", urls=MAGNET, category="tv") == FAILS
            assert Program(person)("torrents/add", urls="https://example.org/a.torrent") == FAILS
        assert not Torrent.objects.exists() and not LinkToAdd.objects.exists()


class TestSavingAgain:
    @pytest.fixture
    def folder(self, save_dir):
        return make_folder("TV")

    def test_a_ready_one_that_is_added_again_is_saved_again(self, arr, cast, folder):
        ready = make_torrent(cast.account, info_hash=A, added_by=cast.member)
        arr("torrents/add", urls=MAGNET, category="tv")
        assert automatic.apply_rules() == 1
        ready.save_jobs.all().delete()
        assert automatic.apply_rules() == 0
        arr("torrents/add", urls=MAGNET, category="tv")
        assert automatic.apply_rules() == 1
        assert RuleMatch.objects.count() == 1

    def test_a_rule_of_the_household_counts_without_one_of_their_own(self, arr, cast, save_dir):
        folder = make_folder("Series")
        rule, _ = rules.add(owner=cast.owner, folder=folder, tag="tv")
        make_torrent(cast.account, info_hash=A, added_by=cast.member)
        arr("torrents/add", urls=MAGNET, category="tv")
        assert Category.objects.get().rule is None
        assert automatic.apply_rules() == 1
        assert Torrent.objects.get().save_jobs.get().rule == rule
