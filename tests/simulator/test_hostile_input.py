from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator import bencode, content_library, magnets
from tests.simulator.support import KEY, Api

VALUES = st.recursive(
    st.integers(-(2**63), 2**63) | st.binary(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.binary(max_size=6), inner, max_size=4),
    max_leaves=8,
)


@settings(max_examples=150, deadline=None, database=None)
@given(st.binary(max_size=200))
def test_any_bytes_are_a_torrent_or_a_value_error(data: bytes) -> None:
    with suppress(ValueError):
        content_library.from_torrent(data)


@settings(max_examples=150, deadline=None, database=None)
@given(VALUES, VALUES)
def test_any_bencoded_value_is_a_torrent_or_a_value_error(name: object, pieces: object) -> None:
    info = {b"name": name, b"pieces": pieces, b"length": 5, b"files": [{b"length": 1, b"path": name}]}
    with suppress(ValueError):
        content_library.from_torrent(bencode.encode({b"info": info}))


@settings(max_examples=150, deadline=None, database=None)
@given(VALUES)
def test_what_is_encoded_decodes_to_the_same(value: object) -> None:
    assert bencode.decode(bencode.encode(value)) == value


@settings(max_examples=150, deadline=None, database=None)
@given(st.text(max_size=80))
def test_any_text_is_a_magnet_or_none(text: str) -> None:
    found = magnets.parse("magnet:?xt=urn:btih:" + text)
    assert found is None or len(found.info_hash) == 40


@pytest.mark.parametrize(
    "path",
    [
        "torrents/mylist?id=" + "9" * 5000,
        "torrents/checkcached?hash=%00%ff",
        "//[x",
        "torrents/mylist?limit=-4",
    ],
)
def test_odd_addresses_are_answered(api: Api, path: str) -> None:
    assert api.call("GET", path).status_code in (200, 404, 422)


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"nonsense", b"\xff", b'{"operation": 5}', b'{"operation": {}}']
)
def test_odd_bodies_get_422(api: Api, body: bytes) -> None:
    assert api.call("POST", "torrents/controltorrent", data=body).status_code == 422
    assert KEY not in api.call("POST", "torrents/controltorrent", data=body).text


def test_a_body_over_100_megabytes_is_too_much_data(api: Api) -> None:
    import http.client

    connection = http.client.HTTPConnection(api.running.host, api.running.port)
    connection.putrequest("POST", "/v1/api/torrents/createtorrent")
    connection.putheader("content-length", str(101 * 1024 * 1024))
    connection.endheaders()
    answer = connection.getresponse()
    assert (answer.status, b"TOO_MUCH_DATA" in answer.read()) == (400, True)
    connection.close()
