"""The list of torrents: what programs read of each, which they ask for, and which they never see."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Share
from api.models import Category
from tests.api.qbittorrent.programs import BELOW, Program
from tests.factories import make_account, make_hash, make_key, make_torrent, make_user, tag
from torrents.reasons import Reason
from torrents.states import Status

pytestmark = pytest.mark.django_db
UNKNOWN = 8_640_000  # seconds left, as qBittorrent says ∞
# The fields of `torrents/info` in qBittorrent 5.1.
FIELDS = """
added_on amount_left auto_tmm availability category comment completed completion_on content_path dl_limit dlspeed
download_path downloaded downloaded_session eta f_l_piece_prio force_start has_metadata hash inactive_seeding_time_limit
infohash_v1 infohash_v2 last_activity magnet_uri max_inactive_seeding_time max_ratio max_seeding_time name num_complete
num_incomplete num_leechs num_seeds popularity priority private progress ratio ratio_limit reannounce root_path save_path
seeding_time seeding_time_limit seen_complete seq_dl size state super_seeding tags time_active total_size tracker
trackers_count up_limit uploaded uploaded_session upspeed
"""


@pytest.fixture
def arr(cast) -> Program:
    return Program(cast.member)


def make_category(person, name: str = "tv", **fields) -> Category:
    return Category.objects.create(person=person, name=name, **fields)


class TestFields:
    def test_a_program_that_never_added_anything_gets_an_empty_list(self, arr):
        assert arr.info() == []

    def test_a_torrent_has_all_fields_of_qbittorrent(self, arr, cast):
        make_torrent(cast.account)
        (row,) = arr.info()
        assert row.keys() == set(FIELDS.split())
        assert row["hash"] == row["infohash_v1"] == make_hash("A film")
        whole = (
            "added_on",
            "amount_left",
            "completed",
            "completion_on",
            "dlspeed",
            "eta",
            "last_activity",
            "size",
        )
        assert all(type(row[name]) is int for name in whole)
        assert type(row["private"]) is bool

    def test_a_ready_torrent_has_all_that_arr_needs_to_remove_it(self, arr, cast):
        made = make_torrent(cast.account, ratio=0.2, status_since=timezone.now() - timedelta(hours=2))
        (row,) = arr.info()
        assert (row["state"], row["progress"], row["amount_left"], row["eta"]) == ("pausedUP", 1, 0, UNKNOWN)
        assert (row["ratio"], row["ratio_limit"]) == (1, 1)
        assert row["completion_on"] == int(made.status_since.timestamp())
        assert 7200 <= row["seeding_time"] < 7300
        assert row["completed"] == row["size"] == row["total_size"] == 1_000_000

    def test_a_moving_torrent_has_speed_and_time_left(self, arr, cast):
        moving = {
            "status": Status.DOWNLOADING,
            "progress": 0.25,
            "download_speed": 5000,
            "eta": 150,
            "seeds": 3,
        }
        make_torrent(cast.account, **moving, peers=4, ratio=0.5, availability=1.5, upload_speed=7)
        (row,) = arr.info()
        assert (row["state"], row["progress"], row["dlspeed"], row["eta"]) == ("downloading", 0.25, 5000, 150)
        assert (row["amount_left"], row["completed"]) == (750_000, 250_000)
        assert (row["num_seeds"], row["num_leechs"], row["availability"], row["upspeed"]) == (3, 4, 1.5, 7)
        assert (row["ratio"], row["ratio_limit"], row["completion_on"]) == (0.5, -2, -1)

    @pytest.mark.parametrize(
        "status", [Status.DOWNLOADING, Status.STORING, Status.STALLED, Status.CHECKING, Status.PAUSED]
    )
    def test_only_a_complete_torrent_is_at_1(self, arr, cast, status):
        """*arr shows one that is at 1 and still downloads forever, or takes it for stuck."""
        make_torrent(cast.account, status=status, progress=1.0)
        (row,) = arr.info()
        assert row["progress"] == 0.999 and row["amount_left"] == 1000

    @pytest.mark.parametrize("eta", [None, -1, 0, 10**9])
    def test_an_unknown_time_left_is_infinite(self, arr, cast, eta):
        make_torrent(cast.account, status=Status.DOWNLOADING, eta=eta)
        assert arr.info()[0]["eta"] == UNKNOWN

    def test_a_magnet_that_waits_has_neither_size_nor_files(self, arr, cast):
        waiting = {"status": Status.WAITING, "remote_id": None, "size": 0, "file_count": 0, "progress": 0.7}
        make_torrent(
            cast.account, name="", info_hash="ab" * 20, reason=Reason.NO_SLOT, waiting_place=2, **waiting
        )
        (row,) = arr.info()
        assert (row["state"], row["progress"], row["size"], row["amount_left"]) == ("queuedDL", 0, 0, 0)
        assert (row["name"], row["has_metadata"], row["private"], row["priority"]) == (
            "ab" * 20,
            False,
            None,
            2,
        )

    def test_names_from_outside_arrive_unchanged_and_the_magnet_is_one_word(self, arr, cast):
        name = 'Ünïcode 映画 "quoted" & <tags>\\ \u2028 100% #1'
        make_torrent(cast.account, name)
        (row,) = arr.info()
        assert row["name"] == name
        assert row["magnet_uri"].startswith(
            f"magnet:?xt=urn:btih:{row['hash']}&dn=%C3%9Cn%C3%AFcode%20%E6%98%A0"
        )
        assert not set(row["magnet_uri"]) & set(' "<>\\#') and row["magnet_uri"].count("&") == 1

    def test_a_long_list_is_compressed_for_programs_that_can_read_that(self, arr, cast):
        for number in range(20):
            make_torrent(cast.account, f"Film {number}")
        url = f"{BELOW}torrents/info"
        for sent, packed in (
            ("gzip, deflate", True),
            ("br;q=1.0, gzip;q=0.5", True),
            ("", False),
        ):
            answer = arr.client.get(url, headers={"accept-encoding": sent})
            assert (answer.headers.get("Content-Encoding") == "gzip") is packed, sent


class TestCategoriesAndTags:
    def test_the_first_tag_that_is_a_category_of_the_person_is_the_category(self, arr, cast):
        make_category(cast.member, "tv")
        make_category(cast.member, "films")
        make_category(cast.owner, "seen")
        tag(make_torrent(cast.account), "seen", "films", "tv", "4K")
        (row,) = arr.info()
        assert (row["category"], row["tags"]) == ("films", "seen, tv, 4K")
        (row,) = Program(cast.owner).info()
        assert (row["category"], row["tags"]) == ("seen", "films, tv, 4K")

    def test_a_list_is_that_of_a_category(self, arr, cast):
        make_category(cast.member, "tv")
        make_category(cast.member, "films")
        for name, *tags in (
            ("Show", "tv"),
            ("Film", "films"),
            ("Both", "films", "tv"),
            ("None",),
            ("Tagged", "4K"),
        ):
            tag(make_torrent(cast.account, name), *tags)

        def names(**query: str) -> list[str]:
            return [row["name"] for row in arr.info(**query)]

        assert names(category="tv") == ["Show"]
        assert names(category="films") == ["Film", "Both"]
        assert names(category="") == ["None", "Tagged"]
        assert names(category="4K") == names(category="nothing") == names(category="TV") == []
        assert names(tag="4K") == ["Tagged"] and names(tag="tv") == ["Both"]
        assert names(tag="") == ["Show", "Film", "None"]
        assert names(category="films", tag="tv") == ["Both"]

    def test_without_categories_everything_is_in_none(self, arr, cast):
        make_torrent(cast.account)
        assert len(arr.info(category="")) == 1 and arr.info(category="tv") == []


class TestWhichAndInWhichOrder:
    @pytest.fixture
    def several(self, cast):
        facts = (
            ("Ready", Status.READY, {"size": 5}),
            ("Moving", Status.DOWNLOADING, {"size": 1}),
            ("Stalled", Status.STALLED, {"size": 4}),
            ("Waiting", Status.WAITING, {"size": 3, "reason": Reason.NO_SLOT}),
            ("Paused", Status.PAUSED, {"size": 2}),
            ("Failed", Status.FAILED, {"size": 6, "reason": Reason.INACTIVE}),
        )
        return {name: make_torrent(cast.account, name, status=status, **more) for name, status, more in facts}

    @pytest.mark.parametrize(
        ("chosen", "names"),
        [
            ("all", "Ready Moving Stalled Waiting Paused Failed"),
            ("nonsense", "Ready Moving Stalled Waiting Paused Failed"),
            ("downloading", "Moving Stalled Waiting Paused"),
            ("seeding", ""),
            ("completed", "Ready"),
            ("stopped", "Ready Paused"),
            ("paused", "Ready Paused"),
            ("running", "Moving Stalled Waiting Failed"),
            ("resumed", "Moving Stalled Waiting Failed"),
            ("active", "Moving"),
            ("inactive", "Ready Stalled Waiting Paused Failed"),
            ("stalled", "Stalled"),
            ("stalled_downloading", "Stalled"),
            ("stalled_uploading", ""),
            ("errored", "Failed"),
        ],
    )
    def test_by_state(self, arr, several, chosen, names):
        assert [row["name"] for row in arr.info(filter=chosen)] == names.split()

    def test_by_hash_in_any_case(self, arr, several):
        one, other = several["Ready"].info_hash, several["Paused"].info_hash
        assert [row["name"] for row in arr.info(hashes=f"{one.upper()}|{other}|{'f' * 40}")] == [
            "Ready",
            "Paused",
        ]
        assert len(arr.info(hashes="all")) == len(arr.info(hashes="")) == 6
        assert arr.info(hashes="x" * 100) == arr.info(hashes="|") == arr.info(hashes=" | ") == []

    def test_sorted_and_in_parts(self, arr, several):
        def names(**query: str) -> str:
            return " ".join(row["name"] for row in arr.info(**query))

        assert names(sort="size") == "Moving Paused Waiting Stalled Ready Failed"
        assert names(sort="size", reverse="true", limit="2") == "Failed Ready"
        assert names(sort="size", offset="4") == "Ready Failed"
        assert names(sort="size", offset="-1") == "Failed"
        assert names(sort="size", limit="2", offset="1") == "Paused Waiting"
        assert names(limit="-1", offset="x") == names() and names(offset="100") == ""
        assert arr.client.get(f"{BELOW}torrents/info", {"sort": "nonsense"}).status_code == 400

    def test_a_program_may_post_its_question(self, arr, several):
        answer = arr.client.post(f"{BELOW}torrents/info", {"filter": "errored"})
        assert [row["name"] for row in answer.json()] == ["Failed"]

    def test_by_privacy(self, arr, cast, several):
        make_torrent(cast.account, "Private", private=True)
        assert [row["name"] for row in arr.info(private="true")] == ["Private"]
        assert len(arr.info(private="false")) == 6 and len(arr.info(private="")) == 7


class TestSeveralAccounts:
    def test_a_torrent_on_several_accounts_appears_once_and_as_the_one_with_a_category(self, arr, cast):
        make_category(cast.member, "tv")
        other = make_account(make_user("other"), make_key("other"))
        Share.objects.create(account=other, user=cast.member, level=Share.Level.VIEW)
        make_torrent(other)
        mine = make_torrent(cast.account, status=Status.DOWNLOADING, progress=0.5)
        (row,) = arr.info()
        assert row["state"] == "pausedUP", "the one that is furthest"
        tag(mine, "tv")
        (row,) = arr.info()
        assert (row["state"], row["category"]) == ("downloading", "tv")
        assert arr.read("torrents/properties", hash=mine.info_hash)["progress"] == 0.5

    def test_the_one_that_the_person_added_comes_before_others(self, arr, cast):
        other = make_account(make_user("other"), make_key("other"))
        Share.objects.create(account=other, user=cast.member, level=Share.Level.VIEW)
        make_torrent(other)
        make_torrent(cast.account, status=Status.STALLED, added_by=cast.member)
        assert [row["state"] for row in arr.info()] == ["stalledDL"]


class TestWhoSeesWhat:
    def test_a_program_sees_what_its_person_sees(self, cast):
        make_torrent(cast.account, "Shown")
        make_torrent(cast.account, "Hidden", hidden=True, added_by=cast.member)
        make_torrent(cast.account, "Deleted", removed_at=timezone.now())
        expected = {cast.owner: 2, cast.member: 2, cast.viewer: 1, cast.outsider: 0}
        assert {person: len(Program(person).info()) for person in expected} == expected

    def test_a_torrent_that_the_person_does_not_see_is_not_found(self, cast):
        made = make_torrent(cast.account, "Hidden", hidden=True, added_by=cast.member)
        program = Program(cast.viewer)
        for call in ("properties", "files", "trackers", "webseeds", "pieceStates", "pieceHashes"):
            answer = program.client.get(f"{BELOW}torrents/{call}", {"hash": made.info_hash})
            assert (call, answer.status_code) == (call, 404)
        assert program.info(hashes=made.info_hash) == []
        assert program.client.get(f"{BELOW}sync/torrentPeers", {"hash": made.info_hash}).status_code == 404
