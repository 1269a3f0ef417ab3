"""Flood 4.11, a web interface with a server of its own, uses our qBittorrent API as it uses qBittorrent's.

The test speaks to Flood's server as its page does. Later versions need Node.js 22, which Debian 12 doesn't have.
"""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import requests

from tests import npm
from tests.api.factories import make_token
from tests.factories import make_hash, tag
from tests.links.conftest import at_torbox, server, site
from tests.servers import free_port
from torrents.models import Torrent

__all__ = ["at_torbox", "server", "site"]
pytestmark = pytest.mark.django_db(transaction=True)
HERE = Path(__file__).parent / "flood"
PROGRAM = Path("node_modules/flood/dist/index.js")
STARTS_WITHIN = ANSWERS_WITHIN = 60.0  # seconds, on a busy machine
ADDED = make_hash("added with Flood")
MAGNET = f"magnet:?xt=urn:btih:{ADDED}&dn=A.magnet"
ADMINISTRATOR = 10  # Flood's level of a person


@dataclass
class Flood:
    """Flood's server, in a session of one person."""

    url: str
    session: requests.Session = field(default_factory=requests.Session)

    def get(self, path: str) -> Any:
        return self._answer(self.session.get(f"{self.url}/api/{path}", timeout=60))

    def post(self, path: str, **facts: Any) -> Any:
        return self._answer(self.session.post(f"{self.url}/api/{path}", json=facts, timeout=60))

    def connect(self, url: str, name: str, password: str) -> None:
        """Register a person of Flood, whose torrents are those of this qBittorrent."""
        client = {"client": "qBittorrent", "type": "web", "version": 1}
        client |= {"url": url, "username": name, "password": password}
        self.post("auth/register", username=name, password="flood", client=client, level=ADMINISTRATOR)

    def torrents(self, until: Callable[[dict[str, Any]], bool] = bool) -> dict[str, Any]:
        """Return Flood's torrents by hash in lower case, once they are as expected."""
        deadline = time.monotonic() + ANSWERS_WITHIN
        while True:
            found = {key.lower(): one for key, one in self.get("torrents")["torrents"].items()}
            if until(found):
                return found
            assert time.monotonic() < deadline, f"Flood shows {found}"
            time.sleep(0.1)

    def _answer(self, response: requests.Response) -> Any:
        assert response.ok, f"{response.status_code} {response.text[:500]}"
        return response.json() if response.content else None


@pytest.fixture(scope="module")
def installed(tmp_path_factory) -> Path:
    return npm.installed(tmp_path_factory, HERE)


@pytest.fixture
def flood(installed, tmp_path) -> Iterator[Flood]:
    url = f"http://127.0.0.1:{free_port()}"
    words = ["node", str(installed / PROGRAM), f"--rundir={tmp_path}", f"--port={url.rpartition(':')[2]}"]
    env = os.environ | {"HOME": str(tmp_path)}
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(words, cwd=tmp_path, env=env, stdout=log, stderr=log)
    try:
        _wait_for(url, process, tmp_path / "log")
        yield Flood(url)
    finally:
        process.kill()  # it keeps nothing that matters
        process.wait(20)


def _wait_for(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < deadline and process.poll() is None:
        try:
            requests.get(f"{url}/api/auth/verify", timeout=5)
            return
        except requests.RequestException:
            time.sleep(0.1)
    pytest.fail(f"Flood did not start:\n{log.read_text()[-3000:]}")


def test_flood_signs_in_lists_adds_and_deletes(flood, site, cast, at_torbox, sim, tmp_path):
    film = tag(at_torbox({"film.mkv": 3_000_000, "extra.txt": 1000}), "4K")
    flood.connect(f"{site.url}/qbittorrent", "owner", make_token(cast.owner).text)
    assert flood.get("client/connection-test") == {"isConnected": True}

    (shown,) = flood.torrents().values()
    assert (shown["name"], shown["tags"], shown["percentComplete"]) == (film.name, ["4K"], 100)
    assert shown["sizeBytes"] == film.size and "complete" in shown["status"]
    details = flood.get(f"torrents/{film.info_hash.upper()}/details")
    assert {file["filename"] for file in details["contents"]} == {"film.mkv", "extra.txt"}

    flood.post("torrents/add-urls", urls=[MAGNET], destination=str(tmp_path), tags=["new"], start=True)
    added = flood.torrents(until=lambda found: ADDED in found)[ADDED]
    assert (added["name"], added["tags"]) == ("A.magnet", ["new"])
    assert Torrent.objects.get(info_hash=ADDED).added_by == cast.owner

    for gone in (ADDED, film.info_hash):
        flood.post("torrents/delete", hashes=[gone.upper()], deleteData=False)
    flood.torrents(until=lambda found: not found)
    assert not Torrent.objects.listed().exists()
    assert sim.control.state()["accounts"][0]["torrents"] == []


def test_flood_says_that_it_is_not_connected_with_a_wrong_token(flood, site, cast):
    flood.connect(f"{site.url}/qbittorrent", "owner", "tbw_wrong")
    answer = flood.session.get(f"{flood.url}/api/client/connection-test", timeout=60)
    assert answer.json()["isConnected"] is False
