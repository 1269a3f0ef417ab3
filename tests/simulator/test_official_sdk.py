"""torbox-api 1.0.6, the official client, against the simulator.

Its quirks are in docs/torbox-api.md#quirks.
"""

from __future__ import annotations

from typing import Any

import pytest

from simulator.catalogue import SINTEL, by_name
from simulator.server import Running
from tests.simulator.support import KEY, Api, hash_of, magnet

torbox_api = pytest.importorskip("torbox_api")
pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture
def sdk(sim: Running) -> Any:
    return torbox_api.TorboxApi(access_token=KEY, base_url=sim.url, timeout=10_000)


def request_body(**values: Any) -> Any:
    from torbox_api.models import CreateTorrentRequest

    return CreateTorrentRequest(**values)


def test_it_creates_and_lists(sdk: Any, api: Api) -> None:
    added = sdk.torrents.create_torrent("v1", request_body=request_body(magnet=magnet(1)))
    assert added.success is True
    listed = sdk.torrents.get_torrent_list("v1", bypass_cache="true")
    assert [row.hash for row in listed.data] == [hash_of(1)]
    assert listed.data[0].id_ == added.data.torrent_id


def test_it_creates_from_a_file(sim: Running, sdk: Any) -> None:
    work = sim.control.make_work("Notes", {"a.txt": 10})
    added = sdk.torrents.create_torrent("v1", request_body=request_body(file=work.torrent_bytes))
    assert added.data.hash == work.info_hash


def test_it_checks_the_cache(sdk: Any) -> None:
    found = sdk.torrents.get_torrent_cached_availability(
        "v1", hash=SINTEL, format="object", list_files="true"
    )
    assert found.success is True
    assert SINTEL in str(found.data)


def test_it_requests_links(sim: Running, sdk: Any, api: Api) -> None:
    sim.control.seed(torrents=[{"key": KEY, "hash": SINTEL}])
    row = api.rows()[0]
    answer = sdk.torrents.request_download_link(
        "v1", token=KEY, torrent_id=str(row["id"]), file_id=str(row["files"][0]["id"])
    )
    assert answer.data.startswith(f"{sim.url}/cdn/dld/")


def test_it_exports_a_magnet(sdk: Any, api: Api) -> None:
    id_ = api.create(by_name("Tears of Steel").magnet).json()["data"]["torrent_id"]
    answer = sdk.torrents.export_torrent_data("v1", torrent_id=str(id_), type_="magnet")
    assert answer.data.startswith("magnet:?xt=urn:btih:209c8226")


def test_it_looks_up_a_torrent(sdk: Any) -> None:
    answer = sdk.torrents.get_torrent_info("v1", hash=SINTEL, timeout="10")
    assert (answer.data.name, answer.data.hash) == ("Sintel", SINTEL)


def test_it_reads_the_user_and_the_status(sdk: Any) -> None:
    assert sdk.user.get_user_data("v1", settings="true").data.plan == 1
    assert sdk.general.get_up_status().success is True


def test_it_tells_a_wrong_key(sim: Running) -> None:
    wrong = torbox_api.TorboxApi(access_token="wrong", base_url=sim.url, timeout=10_000)
    with pytest.raises(Exception) as caught:
        wrong.user.get_user_data("v1")
    assert getattr(caught.value, "status", None) == 403
