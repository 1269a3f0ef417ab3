"""checkcached: any number of hashes, every shape of answer."""

from __future__ import annotations

import pytest

from tests.torbox.support import Server, example, ok
from torbox import Client, FileEntry, NotFound

HASH = "dd8255ecdc7ca55fb0bbf81323d87062db1f6d1c"


@pytest.mark.parametrize("name", ["object_with_files", "list_with_files", "object_without_files"])
@pytest.mark.parametrize("method", ["check_cached", "check_cached_get"])
def test_hits_are_read_from_each_shape(server: Server, client: Client, name: str, method: str) -> None:
    server.will(example("checkcached.json", name))
    found = getattr(client, method)([HASH.upper()], list_files=True)
    assert found[HASH].size == 276445467
    files = (FileEntry("Big Buck Bunny/Big Buck Bunny.en.srt", 140),) if "with_files" in name else ()
    assert found[HASH].files[:1] == files


@pytest.mark.parametrize("name", ["miss_null", "miss_object", "miss_list"])
@pytest.mark.parametrize("method", ["check_cached", "check_cached_get"])
def test_nothing_cached_has_three_shapes(server: Server, client: Client, name: str, method: str) -> None:
    server.will(example("checkcached.json", name))
    assert getattr(client, method)([HASH]) == {}


def test_upper_case_keys_and_null_entries_are_understood(server: Server, client: Client) -> None:
    server.will(ok({HASH.upper(): {"name": "x", "size": 1}, "ab" * 20: None}))
    assert set(client.check_cached([HASH, "ab" * 20])) == {HASH}


def test_what_nobody_asked_for_is_left_out(server: Server, client: Client) -> None:
    server.will(ok([{"hash": "ab" * 20, "name": "x", "size": 1}]))
    assert client.check_cached([HASH]) == {}


def test_many_hashes_go_in_hundreds_and_once_each(server: Server, client: Client) -> None:
    hashes = [f"{number:040x}" for number in range(250)]
    server.will(ok({}))
    client.check_cached(hashes + [one.upper() for one in hashes], answer="list")
    assert [len(request.json["hashes"]) for request in server.requests] == [100, 100, 50]
    assert server.last.query == {"format": ["list"], "list_files": ["false"]}
    client.check_cached_get(hashes[:3])
    assert server.last.query["hash"] == [",".join(hashes[:3])]


def test_no_hashes_cost_no_question(server: Server, client: Client) -> None:
    assert client.check_cached([]) == {}
    assert server.requests == []


def test_torrent_info_is_read(server: Server, client: Client) -> None:
    server.will(example("torrentinfo.json"))
    info = client.torrent_info(HASH)
    assert (info.seeds, info.trackers, len(info.files)) == (12, ("udp://tracker.example.org:6969",), 3)


def test_older_torrent_info_has_no_swarm(server: Server, client: Client) -> None:
    server.will(ok({"hash": HASH, "name": "x", "size": 3, "files": None}))
    info = client.torrent_info(HASH)
    assert (info.seeds, info.peers, info.trackers, info.files) == (None, None, (), ())


@pytest.mark.parametrize("nothing", [None, {}])
def test_a_torrent_nobody_has_is_not_found(server: Server, client: Client, nothing: object) -> None:
    server.will(ok(nothing))
    with pytest.raises(NotFound):
        client.torrent_info(HASH)
