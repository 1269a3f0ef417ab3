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


def command(**values: Any) -> Any:
    """What `control_torrent` takes: not the dict it asks for, but a model of the SDK's kind."""
    from torbox_api.models.utils.base_model import BaseModel
    from torbox_api.models.utils.json_map import JsonMap

    @JsonMap({})
    class Command(BaseModel):
        def __init__(self) -> None:
            vars(self).update(values)

    return Command()


def methods(service: Any) -> set[str]:
    return {name for name in vars(type(service)) if not name.startswith("_")}


def test_every_torrent_call_is_tried(sdk: Any) -> None:
    assert methods(sdk.torrents) == {
        "create_torrent",
        "control_torrent",
        "request_download_link",
        "get_torrent_list",
        "get_torrent_cached_availability",
        "export_torrent_data",
        "get_torrent_info",
        "get_torrent_info1",
    }
    assert methods(sdk.queued) == {"get_queued_downloads", "control_queued_downloads"}


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


def test_it_cannot_read_an_exported_file(sim: Running, sdk: Any, api: Api) -> None:
    work = sim.control.make_work("Notes", {"a.txt": 10})
    id_ = api.upload(work.torrent_bytes or b"").json()["data"]["torrent_id"]
    with pytest.raises(AttributeError, match="'bytes' object"):
        sdk.torrents.export_torrent_data("v1", torrent_id=str(id_), type_="file")


def test_it_looks_up_a_torrent(sdk: Any) -> None:
    answer = sdk.torrents.get_torrent_info("v1", hash=SINTEL, timeout="10")
    assert (answer.data.name, answer.data.hash) == ("Sintel", SINTEL)


def test_it_looks_up_a_torrent_by_a_form(sdk: Any) -> None:
    from torbox_api.models import GetTorrentInfo1Request

    answer = sdk.torrents.get_torrent_info1("v1", request_body=GetTorrentInfo1Request(hash=SINTEL))
    assert (answer.data.name, answer.data.hash) == ("Sintel", SINTEL)


def test_it_sends_every_option_of_a_create(sdk: Any, api: Api) -> None:
    options = {"seed": "3", "allow_zip": "false", "name": "Mine", "as_queued": "false"}
    added = sdk.torrents.create_torrent("v1", request_body=request_body(magnet=magnet(1), **options))
    row = api.row(added.data.torrent_id)
    assert (row["name"], row["allow_zipped"]) == ("Mine", False)


def test_it_finds_nothing_in_the_cache(sdk: Any) -> None:
    assert sdk.torrents.get_torrent_cached_availability("v1", hash=hash_of(9), format="list").data is None


def test_it_mangles_a_single_torrent_into_a_row_per_field(sdk: Any, api: Api) -> None:
    id_ = api.create(magnet(1)).json()["data"]["torrent_id"]
    listed = sdk.torrents.get_torrent_list("v1", id_=str(id_), bypass_cache="true")
    assert len(listed.data) == len(api.row(id_))


def test_it_requests_a_zip(sim: Running, sdk: Any, api: Api) -> None:
    sim.control.seed(torrents=[{"key": KEY, "hash": SINTEL}])
    id_ = str(api.rows()[0]["id"])
    answer = sdk.torrents.request_download_link("v1", token=KEY, torrent_id=id_, zip_link="true")
    assert answer.data.startswith(f"{sim.url}/cdn/zip/")


@pytest.mark.parametrize("operation", ["Reannounce", "Resume", "pause", "Delete"])
def test_it_controls_torrents_in_the_words_of_its_documentation(
    sim: Running, sdk: Any, api: Api, operation: str
) -> None:
    sim.control.seed(torrents=[{"key": KEY, "hash": SINTEL, "state": "stalled"}])
    id_ = api.rows()[0]["id"]
    body = command(torrent_id=id_, operation=operation)
    assert sdk.torrents.control_torrent("v1", request_body=body).success is True
    assert (api.rows() == []) is (operation == "Delete")


def test_it_cannot_control_by_a_dict_or_a_text(sdk: Any, api: Api) -> None:
    id_ = api.create(magnet(1)).json()["data"]["torrent_id"]
    with pytest.raises(TypeError):
        sdk.torrents.control_torrent("v1", request_body={"torrent_id": id_, "operation": "delete"})
    with pytest.raises(Exception) as caught:
        sdk.torrents.control_torrent("v1", request_body=f'{{"torrent_id": {id_}, "operation": "delete"}}')
    assert getattr(caught.value, "status", None) == 422  # encoded twice
    assert len(api.rows()) == 1


def test_it_controls_the_queue_and_throws_away_what_it_reads_of_it(sdk: Any, api: Api) -> None:
    body = request_body(magnet=magnet(1), as_queued="true")
    queued_id = sdk.torrents.create_torrent("v1", request_body=body).data.queued_id
    assert sdk.queued.get_queued_downloads("v1", bypass_cache="true") is None
    start = command(queued_id=queued_id, operation="Start")
    sdk.queued.control_queued_downloads("v1", request_body=start)
    assert (api.queued(), [row["hash"] for row in api.rows()]) == ([], [hash_of(1)])


def test_it_reads_what_else_there_is(sdk: Any) -> None:
    assert sdk.usenet.get_usenet_list("v1").data == []
    assert sdk.web_downloads_debrid.get_web_download_list("v1").data == []
    assert sdk.web_downloads_debrid.get_hoster_list("v1").data == []
    assert sdk.notifications.get_notification_feed("v1").data == []
    assert sdk.integrations.get_all_jobs("v1").data == []
    assert sdk.general.get_stats("v1").success is True


def test_it_reads_the_user_and_the_status(sdk: Any) -> None:
    assert sdk.user.get_user_data("v1", settings="true").data.plan == 1
    assert sdk.general.get_up_status().success is True


def test_it_tells_a_wrong_key(sim: Running) -> None:
    wrong = torbox_api.TorboxApi(access_token="wrong", base_url=sim.url, timeout=10_000)
    with pytest.raises(Exception) as caught:
        wrong.user.get_user_data("v1")
    assert getattr(caught.value, "status", None) == 403
