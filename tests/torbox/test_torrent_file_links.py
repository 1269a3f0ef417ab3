"""A link to a .torrent file may lead only to public https addresses, whatever TorBox or its CDN answer."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from tests.torbox.support import KEY, Reply, Server, client_of, ok
from torbox import Client, Malformed, NotFound, Unreachable

TORRENT = b"d4:infod4:name1:a6:lengthi1eee"
LOCAL_PLACES = [
    "http://127.0.0.1:{port}/",
    "http://localhost:{port}/",
    "http://2130706433:{port}/",
    "http://0.0.0.0:{port}/",
    "http://[::1]:{port}/",
    "http://[::ffff:127.0.0.1]:{port}/",
    "//127.0.0.1:{port}/",
    "http://10.0.0.1/",
    "https://10.0.0.1/",
    "http://169.254.169.254/latest/meta-data/",
    "https://169.254.169.254/",
    "https://100.64.0.1/",
    "https://[fd00::1]/",
    "file:///etc/passwd",
    "",
]


@pytest.fixture
def neighbor() -> Iterator[Server]:
    """Another service of the same network, which nothing from outside may reach."""
    server = Server()
    server.will(Reply(body=TORRENT))
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("place", LOCAL_PLACES)
def test_a_redirect_into_the_local_network_is_not_followed(
    server: Server, neighbor: Server, client: Client, place: str
) -> None:
    location = place.format(port=neighbor.server_address[1])
    server.will(ok(f"{server.url}/file"), Reply(302, headers={"Location": location}))
    with pytest.raises(Malformed):
        client.request_torrent_file(1)
    assert neighbor.requests == []


def test_a_link_into_the_local_network_is_not_followed(
    server: Server, neighbor: Server, client: Client
) -> None:
    server.will(ok(f"{neighbor.url}/file"))
    with pytest.raises(Malformed):
        client.request_torrent_file(1)
    assert neighbor.requests == []


def test_a_simulated_torbox_may_link_to_itself_and_redirect(server: Server, client: Client) -> None:
    moved = Reply(307, headers={"Location": "/elsewhere?token=cdn"})
    server.will(ok(f"{server.url}/file"), moved, Reply(body=TORRENT))
    assert client.request_torrent_file(1) == TORRENT
    assert server.last.path == "/elsewhere" and server.last.query == {"token": ["cdn"]}
    assert KEY not in repr(server.requests[-2:])


def test_redirects_have_an_end(server: Server, client: Client) -> None:
    server.will(ok(f"{server.url}/file"), Reply(302, headers={"Location": "/again"}))
    with pytest.raises(Malformed):
        client.request_torrent_file(1)
    assert len(server.requests) == 1 + 4


def test_a_file_larger_than_any_torrent_file_is_refused(server: Server, client: Client) -> None:
    server.will(ok(f"{server.url}/file"), Reply(body=b"d", fault="endless"))
    with pytest.raises(NotFound):
        client.request_torrent_file(1)


@pytest.mark.parametrize("fault", ["drip", "stall", "truncate", "drop"])
def test_a_file_that_does_not_arrive_in_time_is_given_up(server: Server, fault: str) -> None:

    server.will(ok(f"{server.url}/file"), Reply(body=TORRENT, fault=fault))
    with client_of(server.url, body_deadline=0.3) as client, pytest.raises(Unreachable):
        client.request_torrent_file(1)
