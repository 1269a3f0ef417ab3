from __future__ import annotations

import hashlib

import pytest
import requests

from simulator import content_library
from simulator.server import Running
from tests.simulator.support import KEY, Api, magnet

libtorrent = pytest.importorskip("libtorrent")
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


def oracle_hash(data: bytes) -> str:
    return str(libtorrent.torrent_info(libtorrent.bdecode(data)).info_hash())


@pytest.mark.parametrize("files", [50_000, {"a/b.txt": 20_000, "ü/夏.bin": 40_000}])
def test_a_made_work_is_a_true_torrent(files: dict[str, int] | int) -> None:
    work = content_library.make("Notes", files, private=True)
    info = libtorrent.torrent_info(libtorrent.bdecode(work.torrent_bytes))
    assert str(info.info_hash()) == work.info_hash
    assert [info.files().file_path(n) for n in range(info.num_files())] == [file.path for file in work.files]
    body = b"".join(work.expected_bytes(file.path) for file in work.files)
    assert info.hash_for_piece(0) == hashlib.sha1(body[: info.piece_length()]).digest()
    assert info.priv()


def test_an_uploaded_torrent_is_exported_again_with_the_same_hash(api: Api) -> None:
    work = content_library.make("Never seen by the simulator", {"one.txt": 3000, "two.bin": 90_000})
    data = api.upload(work.torrent_bytes or b"").json()["data"]
    assert data["hash"] == work.info_hash
    answer = api.get("torrents/exportdata", torrent_id=data["torrent_id"], type="file")
    assert answer.headers["content-type"] == "application/x-bittorrent"
    assert oracle_hash(answer.content) == work.info_hash


def test_an_uploaded_torrent_downloads_the_bytes_its_pieces_promise(sim: Running, api: Api) -> None:
    work = content_library.make("Pieces", {"one.bin": 30_000})
    id_ = api.upload(work.torrent_bytes or b"").json()["data"]["torrent_id"]
    sim.control.advance(200)
    file = api.row(id_)["files"][0]
    body = requests.get(api.link(id_, file_id=file["id"]).json()["data"]).content
    assert body == work.expected_bytes("one.bin")


def test_torrents_made_by_others_are_understood(api: Api, tmp_path: object) -> None:
    storage = libtorrent.file_storage()
    storage.add_file("folder/ä.txt", 100)
    storage.add_file("folder/b.txt", 200)
    made = libtorrent.create_torrent(storage, 16384, libtorrent.create_torrent.v1_only)
    made.set_hash(0, b"x" * 20)
    data = libtorrent.bencode(made.generate())
    assert api.upload(data).json()["data"]["hash"] == oracle_hash(data)


def test_a_magnet_is_exported_for_what_was_downloaded(sim: Running, api: Api) -> None:
    id_ = api.create(magnet(4)).json()["data"]["torrent_id"]
    assert api.get("torrents/exportdata", torrent_id=id_, type="magnet").json()["data"].startswith(magnet(4))
    assert api.get("torrents/exportdata", torrent_id=id_, type="file").json()["error"] == "INVALID_OPTION"


def test_cached_items_are_not_exported_but_requestdl_may_have_the_torrent(sim: Running, api: Api) -> None:
    work = sim.control.make_work("Kept", {"k.txt": 10})
    sim.control.cache([work.info_hash])
    id_ = api.create(work.magnet).json()["data"]["torrent_id"]
    assert api.get("torrents/exportdata", torrent_id=id_, type="file").json()["error"] == "INVALID_OPTION"
    link = api.link(id_, torrent_file="true").json()["data"]
    assert oracle_hash(requests.get(link).content) == work.info_hash


def test_magnettofile_gives_the_torrent_of_a_known_work(sim: Running, api: Api) -> None:
    work = sim.control.make_work("Kept", {"k.txt": 10})
    answer = api.call("POST", "torrents/magnettofile", json={"magnet": work.magnet})
    assert oracle_hash(answer.content) == work.info_hash
    assert KEY not in answer.headers.values()
