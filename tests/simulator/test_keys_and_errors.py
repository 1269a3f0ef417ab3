from __future__ import annotations

from collections.abc import Callable

import pytest

from simulator.server import Running
from tests.simulator.support import KEY, Api, magnet

Stranger = Callable[[str | None], Api]


def test_no_key_and_a_wrong_key_are_two_answers(stranger: Stranger) -> None:
    none, wrong = stranger(None).get("torrents/mylist"), stranger("wrong").get("torrents/mylist")
    assert (none.status_code, none.json()["error"]) == (403, "NO_AUTH")
    assert (wrong.status_code, wrong.json()["error"]) == (403, "BAD_TOKEN")


def test_requestdl_takes_its_key_from_the_query_only(api: Api, stranger: Stranger) -> None:
    assert api.get("torrents/requestdl", torrent_id=1).status_code == 422
    by_query = stranger(None).get("torrents/requestdl", token=KEY, torrent_id=1)
    assert by_query.json()["error"] == "ITEM_NOT_FOUND"
    assert api.get("torrents/requestdl", token="old", torrent_id=1).status_code == 403


def test_a_rotated_key_stops_working_at_once(sim: Running, api: Api, stranger: Stranger) -> None:
    before = api.get("user/me").json()["data"]["auth_id"]
    sim.control.rotate(KEY, "fresh")
    assert api.get("user/me").json()["error"] == "BAD_TOKEN"
    assert stranger("fresh").get("user/me").json()["data"]["auth_id"] == before


@pytest.mark.parametrize(
    ("method", "path", "status", "error"),
    [
        ("GET", "torrents/nothing", 404, "ENDPOINT_NOT_FOUND"),
        ("GET", "torrents/getqueued", 410, "DEPRECATED"),
        ("POST", "torrents/controlqueued", 410, "DEPRECATED"),
        ("GET", "torrents/mylist?id=1", 404, "ITEM_NOT_FOUND"),
        ("GET", "torrents/exportdata?torrent_id=1", 404, "ITEM_NOT_FOUND"),
        ("POST", "torrents/createtorrent", 400, "MISSING_REQUIRED_OPTION"),
    ],
)
def test_refusals_carry_their_code(api: Api, method: str, path: str, status: int, error: str) -> None:
    answer = api.call(method, path)
    assert (answer.status_code, answer.json()["error"]) == (status, error)


@pytest.mark.parametrize(
    ("query", "kind"),
    [("id=x", "int_parsing"), ("bypass_cache=perhaps", "bool_parsing"), ("limit=1.5", "int_parsing")],
)
def test_bad_values_get_the_422_of_fastapi(api: Api, query: str, kind: str) -> None:
    answer = api.call("GET", f"torrents/mylist?{query}")
    problem = answer.json()["detail"][0]
    assert answer.status_code == 422
    assert problem["type"] == kind
    assert problem["loc"] == ["query", query.partition("=")[0]]


@pytest.mark.parametrize("text", ["true", "True", "1", "yes", "ON"])
def test_booleans_are_read_generously(sim: Running, api: Api, text: str) -> None:
    assert api.get("torrents/mylist", bypass_cache=text).status_code == 200
    assert sim.control.count("mylist", KEY, bypass=True) == 1


def test_numbers_may_be_text_in_json(api: Api) -> None:
    id_ = api.create(magnet(1)).json()["data"]["torrent_id"]
    answer = api.call("POST", "torrents/controltorrent", json={"torrent_id": str(id_), "operation": "pause"})
    assert answer.status_code == 200


def test_a_json_body_where_a_form_belongs_is_refused(api: Api) -> None:
    assert api.call("POST", "torrents/createtorrent", json={"magnet": magnet(1)}).status_code == 422


@pytest.mark.parametrize(
    "junk", ["not a magnet", "magnet:?xt=urn:btih:123", "magnet:?dn=x", "http://example.org"]
)
def test_a_broken_magnet_is_a_bozo(api: Api, junk: str) -> None:
    assert api.create(junk).json()["error"] == "BOZO_TORRENT"


@pytest.mark.parametrize("junk", [b"junk", b"d4:infod4:name1:aee", b"l" * 5000, b"d4:info" + b"d" * 5000])
def test_a_broken_torrent_is_a_bozo(api: Api, junk: bytes) -> None:
    assert api.upload(junk).json()["error"] == "BOZO_TORRENT"


def test_base32_magnets_are_the_same_torrent(api: Api) -> None:
    import base64

    text = base64.b32encode(bytes.fromhex("08ada5a7a6183aae1e09d831df6748d566095a10")).decode()
    assert api.create(f"magnet:?xt=urn:btih:{text}").json()["data"]["hash"].startswith("08ada5")
