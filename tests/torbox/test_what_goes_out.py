"""The request each method makes, as a server sees it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.torbox.support import KEY, Reply, Server, client_of, ok, read_contract
from torbox import OPERATIONS, AuthError, Client, Malformed, NotSent, UsageStats, boot_clock

HASH = "dd8255ecdc7ca55fb0bbf81323d87062db1f6d1c"
MAGNET = f"magnet:?xt=urn:btih:{HASH}"
FILE = b"d4:infod4:name1:aee"
ROW = read_contract("mylist_single.json")["data"]
INFO = read_contract("torrentinfo.json")["data"]


def test_a_magnet_is_sent_urlencoded_with_every_option(server: Server, client: Client) -> None:
    server.will(ok())
    client.create_torrent(
        magnet=MAGNET, seed=3, allow_zip=False, name="My\nname", as_queued=True, only_if_cached=True
    )
    assert (server.last.method, server.last.path) == ("POST", "/v1/api/torrents/createtorrent")
    assert server.last.headers["content-type"] == "application/x-www-form-urlencoded"
    assert server.last.form == {
        "magnet": [MAGNET],
        "seed": ["3"],
        "allow_zip": ["false"],
        "name": ["My name"],
        "as_queued": ["true"],
        "add_only_if_cached": ["true"],
    }


def test_options_left_alone_are_not_sent(server: Server, client: Client) -> None:
    server.will(ok())
    client.create_torrent(magnet=MAGNET)
    assert server.last.form == {"magnet": [MAGNET]}


def test_a_file_is_sent_as_multipart(server: Server, client: Client) -> None:
    server.will(ok())
    client.create_torrent(file=FILE, seed=1)
    assert server.last.headers["content-type"].startswith("multipart/form-data; boundary=")
    for part in (
        b'name="file"; filename="upload.torrent"',
        b"application/x-bittorrent",
        FILE,
        b'name="seed"',
    ):
        assert part in server.last.body


def test_adding_in_the_background_has_its_own_address(server: Server, client: Client) -> None:
    server.will(ok(None, "Accepted."))
    added = client.create_torrent_async(magnet=MAGNET)
    assert server.last.path == "/v1/api/torrents/asynccreatetorrent"
    assert (added.torrent_id, added.queued_id, added.detail) == (None, None, "Accepted.")


@pytest.mark.parametrize("operation", OPERATIONS)
def test_control_names_one_torrent(server: Server, client: Client, operation: str) -> None:
    server.will(ok())
    client.control_torrent(operation, torrent_id=7)
    assert server.last.path == "/v1/api/torrents/controltorrent"
    assert server.last.json == {"operation": operation, "torrent_id": 7, "all": False}


def test_control_may_mean_everything(server: Server, client: Client) -> None:
    server.will(ok())
    client.control_torrent("pause", everything=True)
    assert server.last.json == {"operation": "pause", "all": True}


def test_queued_items_are_controlled_by_their_own_id(server: Server, client: Client) -> None:
    server.will(ok())
    client.control_queued("start", queued_id=501)
    assert server.last.path == "/v1/api/queued/controlqueued"
    assert server.last.json == {"operation": "start", "queued_id": 501, "all": False}


def test_a_link_is_asked_with_the_key_in_the_query(server: Server, client: Client) -> None:
    server.will(ok("https://cdn.example.org/dld/1?token=2"))
    link = client.request_download(
        torrent_id=1, file_id=0, zip_link=True, torrent_file=True, user_ip="192.0.2.1", append_name=False
    )
    assert link == "https://cdn.example.org/dld/1?token=2"
    assert server.last.query == {
        "token": [KEY],
        "torrent_id": ["1"],
        "file_id": ["0"],
        "zip_link": ["true"],
        "torrent_file": ["true"],
        "user_ip": ["192.0.2.1"],
        "append_name": ["false"],
    }


def test_only_links_have_the_key_in_the_query(server: Server, client: Client) -> None:
    server.will(ok(ROW))
    client.get_torrent(1001)
    assert server.last.query == {"id": ["1001"]}


@pytest.mark.parametrize(("fresh", "sent"), [(True, {"bypass_cache": ["true"]}), (False, {})])
def test_fresh_asks_to_pass_the_cache(
    server: Server, client: Client, fresh: bool, sent: dict[str, Any]
) -> None:
    server.will(ok([]))
    client.list_torrents(fresh=fresh)
    assert server.last.query == {"offset": ["0"], "limit": ["1000"]} | sent
    client.list_queued(fresh=fresh)
    assert server.last.query == {"offset": ["0"], "limit": ["1000"], "type": ["torrent"]} | sent


def test_torrent_info_by_hash(server: Server, client: Client) -> None:
    server.will(ok(INFO))
    client.torrent_info(HASH.upper(), timeout=15, use_cache_lookup=True)
    assert (server.last.method, server.last.path) == ("GET", "/v1/api/torrents/torrentinfo")
    assert server.last.query == {"hash": [HASH], "timeout": ["15"], "use_cache_lookup": ["true"]}


def test_torrent_info_by_magnet_and_by_file(server: Server, client: Client) -> None:
    server.will(ok(INFO))
    client.torrent_info_from(magnet=MAGNET, peers_only=True)
    assert server.last.form["magnet"] == [MAGNET]
    assert server.last.form["peers_only"] == ["true"]
    client.torrent_info_from(file=FILE)
    assert FILE in server.last.body


def test_an_edit_sends_everything_that_it_overwrites(server: Server, client: Client) -> None:
    server.will(ok())
    client.edit_torrent(5, name="n", tags=["a", "b"], alternative_hashes=(HASH,), airlocked=True)
    sent = {"tags": ["a", "b"], "alternative_hashes": [HASH], "airlocked": True}
    assert (server.last.method, server.last.path) == ("PUT", "/v1/api/torrents/edittorrent")
    assert server.last.json == {"torrent_id": 5, "name": "n", **sent}
    client.edit_torrent(5, name="", tags=(), alternative_hashes=(), airlocked=False)
    assert server.last.json == {"torrent_id": 5, "tags": [], "alternative_hashes": [], "airlocked": False}


@pytest.mark.parametrize("field", ["name", "tags", "alternative_hashes", "airlocked"])
def test_an_edit_that_leaves_a_field_out_is_not_made(server: Server, client: Client, field: str) -> None:
    whole = {"name": "n", "tags": [], "alternative_hashes": [], "airlocked": False}
    with pytest.raises(TypeError, match=field):
        client.edit_torrent(5, **{key: value for key, value in whole.items() if key != field})  # type: ignore[arg-type]
    assert server.requests == []


def test_an_edit_whose_time_is_over_is_not_sent(server: Server, client: Client) -> None:
    with pytest.raises(NotSent):
        client.edit_torrent(
            5, name="n", tags=[], alternative_hashes=[], airlocked=False, not_after=boot_clock() - 1
        )
    assert server.requests == []


def test_statistics_are_read_by_day(server: Server, client: Client) -> None:
    server.will(ok({"general": {"airlocked_downloads": 5, "airlock_storage_limit": 9}, "bandwidth": []}))
    assert client.usage_stats() == UsageStats(5, 9)
    assert (server.last.method, server.last.path) == ("GET", "/v1/api/user/stats")
    assert server.last.query == {"bandwidth": ["true"], "bandwidth_grouping": ["day"]}


def test_exports(server: Server, client: Client) -> None:
    server.will(ok(MAGNET), Reply(body=FILE), Reply(body=FILE))
    assert client.export_magnet(3) == MAGNET
    assert server.last.query == {"torrent_id": ["3"], "type": ["magnet"]}
    assert client.export_file(3) == FILE
    assert server.last.query == {"torrent_id": ["3"], "type": ["file"]}
    assert client.magnet_to_file(MAGNET) == FILE
    assert (server.last.path, server.last.json) == ("/v1/api/torrents/magnettofile", {"magnet": MAGNET})


@pytest.mark.parametrize(
    "call",
    [
        lambda c: c.create_torrent(),
        lambda c: c.create_torrent(magnet=MAGNET, file=FILE),
        lambda c: c.create_torrent(magnet=MAGNET, seed=4),
        lambda c: c.create_torrent_async(),
        lambda c: c.torrent_info_from(),
        lambda c: c.torrent_info_from(info_hash=HASH, magnet=MAGNET),
        lambda c: c.torrent_info("nonsense"),
        lambda c: c.control_torrent("explode", torrent_id=1),
        lambda c: c.control_torrent("pause"),
        lambda c: c.control_torrent("pause", torrent_id=1, everything=True),
        lambda c: c.control_queued("start", everything=True),
        lambda c: c.check_cached([HASH, "nonsense"]),
        lambda c: c.list_torrents(page_size=0),
        lambda c: c.list_torrents(page_size=1001),
    ],
)
def test_a_call_without_sense_is_not_made(server: Server, client: Client, call: Any) -> None:
    with pytest.raises(ValueError, match=r"."):
        call(client)
    assert server.requests == []


@pytest.mark.parametrize(
    "link",
    [
        "ftp://x/y",
        "javascript:alert(1)",
        "/relative",
        "https://",
        "https://a b/",
        "",
        None,
        "https://[",
        "https://x/" + "y" * 9000,
        f"https://x/permalink?token={KEY}",
    ],
)
def test_a_link_that_is_none_is_not_handed_out(server: Server, client: Client, link: Any) -> None:
    server.will(ok(link))
    with pytest.raises(Malformed):
        client.request_download(torrent_id=1)


def test_every_request_says_who_we_are(server: Server) -> None:
    server.will(ok([]))
    with client_of(server.url + "/", user_agent="TorBoxWeb/1 (+https://example.org)") as client:
        client.list_torrents()
    assert server.last.path == "/v1/api/torrents/mylist"
    assert server.last.headers["user-agent"] == "TorBoxWeb/1 (+https://example.org)"
    assert server.last.headers["authorization"] == f"Bearer {KEY}"


@pytest.mark.parametrize("key", ["", "  ", "with space", "new\nline", "schlüssel", "x" * 501])
def test_a_key_that_cannot_be_one_is_refused_without_repeating_it(key: str) -> None:
    with pytest.raises(AuthError) as caught:
        Client(base_url="http://127.0.0.1", api_key=key)
    assert not key.strip() or key not in str(caught.value)


@pytest.mark.parametrize("url", ["", "api.torbox.app", "ftp://x", "https://", "https://x/?a=b"])
def test_an_address_that_cannot_be_one_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="address"):
        Client(base_url=url, api_key=KEY)
