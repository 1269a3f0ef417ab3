"""Habits of clients that people use with TorBox: what they rely on holds here, too."""

from __future__ import annotations

from datetime import datetime

import pytest
import requests

from simulator import content_library
from simulator.server import Running
from tests.simulator.support import KEY, NOON, Api, hash_of, magnet

NOTHING = [
    "usenet/mylist",
    "webdl/mylist",
    "webdl/hosters",
    "rss/getfeeds",
    "notifications/mynotifications",
    "integration/jobs",
    "changelogs/json",
]


def test_a_list_of_cached_rows_alone_has_everything_stored(sim: Running, api: Api) -> None:
    """The official media center lists only rows with `cached` true."""
    for number, state in enumerate(("completed", "cached", "seeding", "downloading", "expired", "failed")):
        sim.control.seed(torrents=[{"key": KEY, "hash": hash_of(number), "state": state}])
    shown = {row["hash"] for row in api.rows() if row["cached"] is True}
    assert shown == {row["hash"] for row in api.rows() if row["download_present"]}
    assert shown == {hash_of(0), hash_of(1), hash_of(2)}


def test_the_seeding_time_is_told_from_cached_at(sim: Running, api: Api) -> None:
    """TorBox Manager counts how long a torrent has been seeding from `cached_at`."""
    id_ = api.create(magnet(1), seed=2).json()["data"]["torrent_id"]
    assert api.row(id_)["cached_at"] is None
    sim.control.advance(200)
    stored = datetime.fromisoformat(api.row(id_)["cached_at"]).timestamp()
    assert NOON < stored < NOON + 200
    sim.control.advance(3600)
    assert datetime.fromisoformat(api.row(id_)["cached_at"]).timestamp() == stored
    assert api.row(id_)["download_state"] == "uploading"


def test_what_was_added_by_magnet_is_exported_as_a_file(sim: Running, api: Api) -> None:
    """torbox-cli saves the .torrent of what was added by a magnet."""
    id_ = api.create(magnet(1)).json()["data"]["torrent_id"]
    before = api.get("torrents/exportdata", torrent_id=id_, type="file")
    assert before.json()["error"] == "INVALID_OPTION"  # no metadata yet
    sim.control.advance(10)
    exported = content_library.from_torrent(
        api.get("torrents/exportdata", torrent_id=id_, type="file").content
    )
    assert exported.name == api.row(id_)["name"]
    assert [(file.path, file.size) for file in exported.files] == [
        (file["name"], file["size"]) for file in api.row(id_)["files"]
    ]


def test_a_new_torrent_is_found_by_its_id_without_bypass(sim: Running, api: Api) -> None:
    """Torrentio reads the id it just got, from the cache."""
    api.get("torrents/mylist")
    id_ = api.create(magnet(1)).json()["data"]["torrent_id"]
    assert api.get("torrents/mylist", id=id_).json()["data"]["hash"] == hash_of(1)


def test_a_new_torrent_can_be_missing_by_id_until_it_is_read_past_the_cache(sim: Running, api: Api) -> None:
    sim.control.options(new_by_id="missing")
    ids = [api.create(magnet(number)).json()["data"]["torrent_id"] for number in range(2)]
    assert api.get("torrents/mylist", id=ids[0]).status_code == 404
    assert api.row(ids[0])["id"] == ids[0]
    assert api.get("torrents/mylist", id=ids[0]).status_code == 200
    sim.control.advance(600)
    assert api.get("torrents/mylist", id=ids[1]).status_code == 200


def test_an_incomplete_torrent_goes_on_when_it_is_resumed(sim: Running, api: Api) -> None:
    sim.control.seed(torrents=[{"key": KEY, "hash": hash_of(1), "state": "incomplete"}])
    row = api.rows()[0]
    assert (row["download_state"], row["active"], row["download_present"]) == ("incomplete", False, False)
    api.control(row["id"], "Resume")
    assert api.row(row["id"])["download_state"] == "downloading"


@pytest.mark.parametrize("path", NOTHING)
def test_the_rest_of_torbox_is_empty(api: Api, path: str) -> None:
    answer = api.get(path).json()
    assert answer["success"] is True and answer["data"] == []


def test_the_rest_of_torbox_wants_a_key_too(sim: Running) -> None:
    assert Api(sim, None).get("usenet/mylist").json()["error"] == "NO_AUTH"
    assert Api(sim, "wrong").get("notifications/mynotifications").json()["error"] == "BAD_TOKEN"


def test_nothing_of_usenet_is_found_by_id(api: Api) -> None:
    assert api.get("usenet/mylist", id=5).json()["error"] == "ITEM_NOT_FOUND"
    assert api.get("usenet/checkcached", hash="a" * 32).json()["data"] is None


def test_notifications_are_cleared(api: Api) -> None:
    assert api.call("POST", "notifications/clear").json()["success"] is True


@pytest.mark.parametrize("path", ["torrents/createtorrent", "torrents/torrentinfo"])
def test_multipart_without_a_boundary_is_400_without_an_envelope(api: Api, path: str) -> None:
    headers = {"Content-Type": "multipart/form-data"}
    answer = api.call("POST", path, data=b"--x\r\n", headers=headers)
    assert (answer.status_code, answer.json()) == (400, {"detail": "Missing boundary in multipart."})


def test_the_relay_answers_without_an_envelope(sim: Running, api: Api) -> None:
    id_ = api.create(magnet(1)).json()["data"]["torrent_id"]
    auth_id = api.row(id_)["auth_id"]
    answer = requests.get(f"{sim.url}/v1/inactivecheck/torrent/{auth_id}/{id_}", timeout=10)
    assert answer.json() == {"status": True, "message": "Update requested."}
    for path in (f"{auth_id}/999", f"nobody/{id_}", f"{auth_id}/\u00b2", auth_id):
        answer = requests.get(f"{sim.url}/v1/inactivecheck/torrent/{path}", timeout=10)
        assert (answer.status_code, answer.json()["status"]) == (404, False)
