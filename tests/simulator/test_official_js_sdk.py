"""@torbox/torbox-api 1.0.9, the official client for JavaScript, against the simulator.

Its checks of types are off: they refuse the nulls that TorBox sends.
"""

from __future__ import annotations

import base64
import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from simulator import content_library
from simulator.catalogue import SINTEL
from simulator.server import Running
from tests import npm
from tests.simulator.support import KEY, Api, hash_of, magnet

HERE = Path(__file__).parent / "official_js"
Js = Callable[..., Any]
TRIED = {
    "createTorrent",
    "controlTorrent",
    "requestDownloadLink",
    "getTorrentList",
    "getTorrentCachedAvailability",
    "exportTorrentData",
    "getTorrentInfo",
    "getTorrentInfo1",
}


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return npm.installed(tmp_path_factory, HERE)


@pytest.fixture(scope="session")
def node(installed: Path) -> Iterator[subprocess.Popen[str]]:
    """One process that makes all calls; to start it takes longer than they do."""
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen(["node", "calls.cjs"], cwd=installed, **pipes) as process:
        yield process
        process.stdin.close()


@pytest.fixture
def js(node: subprocess.Popen[str], sim: Running) -> Js:
    def call(service: str, method: str, *words: Any, **options: Any) -> Any:
        given = {"baseUrl": sim.url, "token": KEY, "typeChecks": False, "boundary": True} | options
        text = json.dumps(given | {"service": service, "method": method, "words": words})
        node.stdin.write(f"{text}\n")
        node.stdin.flush()
        return json.loads(node.stdout.readline())

    return call


def test_every_torrent_call_is_tried(js: Js) -> None:
    assert set(js("torrents", "methods")) == TRIED
    assert set(js("queued", "methods")) == {"getQueuedDownloads", "controlQueuedDownloads"}


def test_it_creates_from_a_magnet_and_lists(js: Js, api: Api) -> None:
    options = {"magnet": magnet(1), "seed": "3", "name": "Mine", "allow_zip": "false"}
    added = js("torrents", "createTorrent", options)
    listed = js("torrents", "getTorrentList", {"bypassCache": "true", "offset": "0", "limit": "10"})
    assert [row["id"] for row in listed["data"]] == [added["data"]["torrent_id"]]
    one = js("torrents", "getTorrentList", {"bypassCache": "true", "id": str(added["data"]["torrent_id"])})
    assert (one["data"]["name"], one["data"]["allow_zipped"]) == ("Mine", False)


def test_it_creates_from_a_file(js: Js, sim: Running) -> None:
    work = sim.control.make_work("Notes", {"a.txt": 10})
    upload = {"file": {"bytes": base64.b64encode(work.torrent_bytes or b"").decode()}}
    assert js("torrents", "createTorrent", upload)["data"]["hash"] == work.info_hash


def test_as_it_is_its_forms_have_no_boundary_and_are_refused(js: Js, api: Api) -> None:
    refused = js("torrents", "createTorrent", {"magnet": magnet(1)}, boundary=False)
    assert refused["failed"] and "data" not in refused
    assert api.rows() == []


def test_it_controls_with_the_words_of_its_documentation(js: Js, sim: Running, api: Api) -> None:
    sim.control.seed(torrents=[{"key": KEY, "hash": hash_of(1), "state": "stalled"}])
    id_ = api.rows()[0]["id"]
    for operation in ("Reannounce", "pause", "Resume", "Delete"):
        done = js("torrents", "controlTorrent", {"torrent_id": id_, "operation": operation})
        assert (done["success"], done["data"]) == (True, None)
    assert api.rows() == []


def test_it_requests_links(js: Js, sim: Running, api: Api) -> None:
    sim.control.seed(torrents=[{"key": KEY, "hash": SINTEL}])
    row = api.rows()[0]
    words = {"token": KEY, "torrentId": str(row["id"]), "userIp": "203.0.113.7"}
    file = js("torrents", "requestDownloadLink", words | {"fileId": str(row["files"][0]["id"])})
    whole = js("torrents", "requestDownloadLink", words | {"zipLink": "true"})
    assert file["data"].startswith(f"{sim.url}/cdn/dld/")
    assert whole["data"].startswith(f"{sim.url}/cdn/zip/")


@pytest.mark.parametrize("shape", ["object", "list"])
def test_it_checks_the_cache(js: Js, shape: str) -> None:
    words = {"hash": f"{SINTEL},{hash_of(9)}", "format": shape, "listFiles": "true"}
    found = js("torrents", "getTorrentCachedAvailability", words)["data"]
    assert [row["hash"] for row in (found if shape == "list" else found.values())] == [SINTEL]
    assert js("torrents", "getTorrentCachedAvailability", {"hash": hash_of(9)})["data"] is None


def test_it_exports_a_magnet_and_cannot_read_a_file(js: Js, sim: Running, api: Api) -> None:
    work = content_library.make("Never seen before", {"a.txt": 10})
    id_ = str(api.upload(work.torrent_bytes or b"").json()["data"]["torrent_id"])
    exported = js("torrents", "exportTorrentData", {"torrentId": id_, "type": "magnet"})
    assert exported["data"].startswith(f"magnet:?xt=urn:btih:{work.info_hash}&")
    # It takes every answer for JSON, so the file it got is lost.
    assert js("torrents", "exportTorrentData", {"torrentId": id_, "type": "file"})["failed"] == "SyntaxError"


def test_it_looks_up_a_torrent(js: Js) -> None:
    for method in ("getTorrentInfo", "getTorrentInfo1"):
        assert js("torrents", method, {"hash": SINTEL, "timeout": "10"})["data"]["name"] == "Sintel"


def test_it_controls_the_queue_and_cannot_read_it(js: Js, api: Api) -> None:
    queued = js("torrents", "createTorrent", {"magnet": magnet(1), "as_queued": "true"})["data"]["queued_id"]
    # It throws the answer to getqueued away.
    assert js("queued", "getQueuedDownloads", {"bypassCache": "true"}) == {"status": 200}
    js("queued", "controlQueuedDownloads", {"queued_id": queued, "operation": "Start"})
    assert (api.queued(), len(api.rows())) == ([], 1)


def test_it_reads_what_else_there_is(js: Js) -> None:
    assert js("user", "getUserData", {"settings": "true"})["data"]["plan"] == 1
    assert js("usenet", "getUsenetList", {})["data"] == []
    assert js("webDownloadsDebrid", "getWebDownloadList", {})["data"] == []
    assert js("notifications", "getNotificationFeed")["data"] == []


def test_its_checks_of_types_refuse_the_nulls_that_torbox_sends(js: Js, api: Api) -> None:
    api.create(magnet(1))
    refused = js("torrents", "getTorrentList", {"bypassCache": "true"}, typeChecks=True)
    assert refused["failed"] == "ZodError" and "received null" in refused["message"]


def test_it_tells_a_wrong_key(js: Js) -> None:
    told = js("user", "getUserData", {}, token="wrong")
    assert (told["failed"], told["status"]) == ("HttpError", 403)


def test_the_lock_file_names_no_registry() -> None:
    assert "resolved" not in (HERE / "package-lock.json").read_text()
