"""Whether an address at the CDN still works is asked without downloading, and never of a private server."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import requests

import simulator.server
from tests.torbox.support import KEY
from torbox import Client
from torbox.address_check import Check, check


@pytest.fixture(scope="module")
def cdn() -> Iterator[simulator.server.Running]:
    with simulator.server.start(scenario="empty") as running:
        work = running.control.make_work("film.mkv", 500_000)
        running.control.seed(
            accounts=[{"key": KEY}], torrents=[{"key": KEY, "work": work, "state": "completed"}]
        )
        yield running


@pytest.fixture
def address(cdn) -> str:
    cdn.control.clear_faults()
    (torrent,) = cdn.control.state()["accounts"][-1]["torrents"]
    link = Client(base_url=cdn.url, api_key=KEY).request_download(torrent_id=torrent["id"], zip_link=True)
    cdn.control.reset_calls()
    return link


def test_an_address_works_until_it_expires(cdn, address):
    assert check(address, private_origin=cdn.url) == Check.WORKS
    cdn.control.advance(3601)
    assert requests.get(address, timeout=5).status_code == 400
    assert check(address, private_origin=cdn.url) == Check.EXPIRED


def test_a_check_downloads_nothing(cdn, address):
    account = cdn.state.keys[KEY]
    check(address, private_origin=cdn.url)
    ((_, traffic),) = cdn.sim.usage.days(account.auth_id, cdn.sim.clock.now(), 1)
    assert cdn.control.count("cdn") == 1 and traffic.downloaded == 0


@pytest.mark.parametrize(
    ("status", "meaning"),
    [
        (206, Check.WORKS),
        (302, Check.WORKS),
        (400, Check.EXPIRED),
        (403, Check.EXPIRED),
        (404, Check.EXPIRED),
        (410, Check.EXPIRED),
        (429, Check.BUSY),
        (405, Check.SILENT),
        (501, Check.SILENT),
        (500, Check.BROKEN),
        (503, Check.BROKEN),
    ],
)
def test_the_status_tells_what_to_do(cdn, address, status, meaning):
    cdn.control.fail("cdn", kind="status", status=status, headers={"location": address})
    assert check(address, private_origin=cdn.url) == meaning


@pytest.mark.parametrize("fault", ["drop", "refuse"])
def test_a_server_that_hangs_up_says_nothing(cdn, address, fault):
    cdn.control.fail("cdn", kind=fault)
    assert check(address, private_origin=cdn.url) == Check.SILENT


def test_a_private_server_is_not_asked(cdn, address):
    assert check(address) == Check.SILENT
    assert check("http://cdn.example.org/", resolve=lambda *_: ["127.0.0.1"]) == Check.SILENT
    assert cdn.control.count("cdn") == 0


@pytest.mark.parametrize("address", ["", "ftp://cdn.example.org/", "https://name:secret@cdn.example.org/"])
def test_what_is_no_address_says_nothing(address):
    assert check(address) == Check.SILENT
