"""What programs read about one torrent, and about the instance."""

from __future__ import annotations

import pytest

from api import limits
from api.limits import Limit
from saving.models import JobFile
from tests.api.qbittorrent.programs import BELOW, Program
from tests.factories import give_files, make_torrent, tag
from tests.saving.factories import make_folder, make_job
from torrents.models import AddRequest
from torrents.saving_states import SavingState
from torrents.states import Status

pytestmark = pytest.mark.django_db
OF_A_TORRENT = ("export", "properties", "files", "trackers", "webseeds", "pieceStates", "pieceHashes")


@pytest.fixture
def arr(cast) -> Program:
    return Program(cast.member)


@pytest.mark.parametrize("call", OF_A_TORRENT)
@pytest.mark.parametrize("info_hash", ["", "f" * 40, "all", "x" * 5000])
def test_an_unknown_hash_is_not_found(arr, cast, call, info_hash):
    make_torrent(cast.account)
    assert arr.client.get(f"{BELOW}torrents/{call}", {"hash": info_hash}).status_code == 404


class TestProperties:
    def test_have_what_arr_and_phones_read(self, arr, cast):
        made = make_torrent(
            cast.account, seeds=3, peers=4, ratio=2.5, total_uploaded=9, tracker="https://t.example/a"
        )
        found = arr.read("torrents/properties", hash=made.info_hash.upper())
        assert (found["hash"], found["save_path"]) == (made.info_hash, "/torbox")
        assert 0 <= found["seeding_time"] < 60
        assert (found["seeds"], found["peers"], found["nb_connections"]) == (3, 4, 7)
        assert (found["share_ratio"], found["total_uploaded"], found["is_private"]) == (2.5, 9, False)
        assert found["pieces_num"] == 0 and found["creation_date"] == -1


class TestFiles:
    def test_are_in_the_order_of_their_paths_with_the_root_folder(self, arr, cast):
        made = make_torrent(cast.account, file_count=3)
        give_files(made, ["Film/b.mkv", "Film/a/c.srt", "Film/a.mkv"])
        found = arr.read("torrents/files", hash=made.info_hash)
        assert [file["name"] for file in found] == ["Film/a.mkv", "Film/a/c.srt", "Film/b.mkv"]
        assert [file["index"] for file in found] == [0, 1, 2]
        assert {(file["size"], file["progress"], file["priority"]) for file in found} == {(1000, 1, 1)}
        assert found[0]["is_seed"] is True and "is_seed" not in found[1]

    def test_some_of_them(self, arr, cast):
        made = make_torrent(cast.account, file_count=3)
        found = arr.read("torrents/files", hash=made.info_hash, indexes="2|0")
        assert [file["index"] for file in found] == [2, 0]
        again = arr.read("torrents/files", hash=made.info_hash, indexes="|".join(["0"] * 1000))
        assert len(again) == 1
        for wrong in ("3", "x", "-1", "0||1", "9" * 30):
            query = {"hash": made.info_hash, "indexes": wrong}
            assert arr.client.get(f"{BELOW}torrents/files", query).status_code == 409

    def test_have_the_progress_of_their_torrent(self, arr, cast):
        made = make_torrent(cast.account, status=Status.DOWNLOADING, progress=0.5)
        (file,) = arr.read("torrents/files", hash=made.info_hash)
        assert (file["progress"], file["is_seed"]) == (0.5, False)

    def test_that_are_being_saved_have_their_own_progress_and_others_are_not_wanted(
        self, arr, cast, save_dir
    ):
        made = make_torrent(cast.account, file_count=3)
        first, second, _ = made.files.all()
        job = make_job(made, make_folder(), files=[first, second], base="A film", state=SavingState.RUNNING)
        JobFile.objects.filter(job=job, remote_id=first.remote_id).update(bytes_done=250)
        found = arr.read("torrents/files", hash=made.info_hash)
        assert [(file["progress"], file["priority"]) for file in found] == [(0.25, 1), (0, 1), (0, 0)]
        assert found[0]["name"] == "A film/part 0.mkv"

    def test_that_are_not_known_yet_are_none(self, arr, cast):
        made = make_torrent(cast.account, status=Status.METADATA, file_count=0)
        assert arr.read("torrents/files", hash=made.info_hash) == []


class TestTrackers:
    def test_are_that_of_torbox_below_the_three_lines_of_qbittorrent(self, arr, cast):
        url = "https://tracker.example/announce"
        made = make_torrent(cast.account, tracker=url, tracker_message="Slow", seeds=3, peers=2)
        *elsewhere, found = arr.read("torrents/trackers", hash=made.info_hash)
        assert [line["url"] for line in elsewhere] == ["** [DHT] **", "** [PeX] **", "** [LSD] **"]
        assert {line["status"] for line in elsewhere} == {2}
        assert (found["url"], found["status"], found["msg"], found["tier"]) == (url, 2, "Slow", 0)
        assert (found["num_seeds"], found["num_leeches"], found["num_peers"]) == (3, 2, 5)

    @pytest.mark.parametrize(
        ("status", "number"),
        [(Status.WAITING, 1), (Status.QUEUED, 1), (Status.FAILED, 4), (Status.STALLED, 2)],
    )
    def test_are_not_contacted_yet_or_do_not_work(self, arr, cast, status, number):
        made = make_torrent(cast.account, status=status, tracker="udp://t.example")
        assert arr.read("torrents/trackers", hash=made.info_hash)[-1]["status"] == number

    def test_of_a_private_torrent_are_the_only_source_of_peers(self, arr, cast):
        made = make_torrent(cast.account, private=True)
        assert {line["status"] for line in arr.read("torrents/trackers", hash=made.info_hash)} == {0}


def test_pieces_web_seeds_and_peers_are_unknown(arr, cast):
    made = make_torrent(cast.account)
    for call in ("webseeds", "pieceStates", "pieceHashes"):
        assert arr.read(f"torrents/{call}", hash=made.info_hash) == []
    peers = arr.read("sync/torrentPeers", hash=made.info_hash, rid=0)
    assert peers["peers"] == {} and peers["full_update"] is True


class TestExport:
    def test_gives_the_file_that_a_torrent_was_added_with(self, arr, cast):
        made = make_torrent(cast.account, remote_id=None)
        AddRequest.objects.create(torrent=made, torrent_file=b"d4:infod4:name1:aee")
        answer = arr.client.post(f"{BELOW}torrents/export", {"hash": made.info_hash})
        assert (answer.status_code, answer.content) == (200, b"d4:infod4:name1:aee")
        assert answer["Content-Type"] == "application/x-bittorrent"

    def test_says_that_there_is_none_or_that_torbox_is_away_without_being_given_up(self, arr, cast, sim):
        made = make_torrent(cast.account)
        url = f"{BELOW}torrents/export?hash={made.info_hash}"
        assert "no .torrent file" in arr.client.get(url).content.decode()
        sim.control.fail(kind="html502", times=50)
        answer = arr.client.get(url)
        assert (answer.status_code, answer.content.decode()) == (409, "TorBox isn’t responding.")
        assert len(arr.info()) == 1

    def test_exports_count_like_changes_because_torbox_is_asked(self, arr, cast):
        limits.forget()
        url = f"{BELOW}torrents/export?hash={'0' * 40}"
        statuses = [arr.client.get(url).status_code for _ in range(2 * Limit.CHANGES.value)]
        assert statuses[: Limit.CHANGES.value] == [404] * Limit.CHANGES.value and 429 in statuses
        assert arr.client.get(f"{BELOW}torrents/info").status_code == 200


def test_tags_are_those_in_use_without_categories(arr, cast):
    tag(make_torrent(cast.account), "tv", "b", "A")
    arr("torrents/createCategory", category="tv")
    assert arr.read("torrents/tags") == ["A", "b"]


def test_the_number_of_torrents_is_text(arr, cast):
    make_torrent(cast.account, "One")
    make_torrent(cast.account, "Two")
    answer = arr.client.get(f"{BELOW}torrents/count")
    assert answer.content == b"2" and answer["Content-Type"].startswith("text/plain")


def test_transfer_has_the_speeds_of_torbox_and_of_saving(arr, cast, save_dir):
    make_torrent(cast.account, "Moving", status=Status.DOWNLOADING, download_speed=100, upload_speed=5)
    make_job(make_torrent(cast.account), make_folder(), state=SavingState.RUNNING, speed=30)
    found = arr.read("transfer/info")
    assert (found["dl_info_speed"], found["up_info_speed"], found["connection_status"]) == (
        130,
        5,
        "connected",
    )
    cast.account.mark_health("unreachable")
    assert arr.read("transfer/info")["connection_status"] == "disconnected"
    assert Program(cast.outsider).read("transfer/info")["dl_info_speed"] == 0


def test_there_are_no_speed_limits_and_programs_cannot_set_any(arr):
    for call in ("speedLimitsMode", "downloadLimit", "uploadLimit"):
        assert arr.client.get(f"{BELOW}transfer/{call}").content == b"0"
    for call in ("toggleSpeedLimitsMode", "setDownloadLimit", "setUploadLimit", "setSpeedLimitsMode"):
        assert arr(f"transfer/{call}", limit=1)[0] == 409


class TestApp:
    def test_preferences_let_arr_use_magnets_and_remove_by_itself(self, arr):
        found = arr.read("app/preferences")
        assert found["dht"] is True and found["queueing_enabled"] is True
        for limit in ("max_ratio", "max_seeding_time", "max_inactive_seeding_time"):
            assert found[f"{limit}_enabled"] is False and found[limit] == -1
        assert found["max_ratio_act"] == 0

    def test_the_default_folder_is_save_dir_then_the_mount(self, arr, settings, tmp_path):
        def path() -> str:
            return arr.client.get(f"{BELOW}app/defaultSavePath").content.decode()

        assert path() == "/torbox"
        settings.MEDIA_PATH = "/mnt/torbox"
        assert path() == "/mnt/torbox"
        settings.SAVE_DIR = tmp_path
        assert path() == str(tmp_path) == arr.read("app/preferences")["save_path"]

    def test_build_info_names_the_platform(self, arr):
        assert arr.read("app/buildInfo")["platform"] == "linux"

    def test_a_program_cannot_stop_the_server(self, arr):
        status, text = arr("app/shutdown")
        assert status == 409 and text

    @pytest.mark.parametrize(
        ("call", "nothing"),
        [
            ("log/main", []),
            ("log/peers", []),
            ("rss/items", {}),
            ("rss/rules", {}),
            ("search/plugins", []),
            ("search/status", []),
        ],
    )
    def test_parts_that_do_not_exist_here_are_empty(self, arr, call, nothing):
        assert arr.read(call) == nothing

    @pytest.mark.parametrize(
        "call", ["rss/addFeed", "search/start", "torrents/unheardOf", "app/getDirectoryContent"]
    )
    def test_what_nobody_can_do_here_is_not_found(self, arr, call):
        assert arr.client.post(f"{BELOW}{call}").status_code == 404
