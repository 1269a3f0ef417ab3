"""How the client behaves on the wire: pooling, retries, redirects, and the silence about its key."""

from __future__ import annotations

import gzip
import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.torbox.support import KEY, Reply, Server, client_of, ok, refusal
from torbox import Client, RateLimited, Unavailable, Unreachable

LINK = "https://cdn.example.org/dld/1?token=cdn"
GATEWAY = Reply(503, b"<html>busy</html>")
MAGNET = "magnet:?xt=urn:btih:" + "ab" * 20


def test_one_connection_serves_many_calls(server: Server, client: Client) -> None:
    server.will(ok([]))
    for _ in range(3):
        client.list_torrents()
    assert len(server.ports) == 1


@pytest.mark.parametrize("outage", [GATEWAY, Reply(fault="drop"), Reply(502, b""), Reply(504, b"")])
def test_reading_is_tried_again_after_an_outage(server: Server, outage: Reply) -> None:
    server.will(outage, outage, ok([]))
    with client_of(server.url, retries=2) as client:
        assert client.list_torrents() == ()
    assert len(server.requests) == 3


def test_trying_again_has_an_end(server: Server) -> None:
    server.will(GATEWAY)
    with client_of(server.url, retries=1) as client, pytest.raises(Unavailable):
        client.user()
    assert len(server.requests) == 2


def test_writing_is_never_tried_again(server: Server) -> None:
    server.will(GATEWAY)
    with client_of(server.url, retries=2) as client, pytest.raises(Unavailable):
        client.create_torrent(magnet=MAGNET)
    assert len(server.requests) == 1


def test_asking_for_a_link_is_never_tried_again(server: Server) -> None:
    server.will(GATEWAY)
    with client_of(server.url, retries=2) as client, pytest.raises(Unavailable):
        client.request_download(torrent_id=1)
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("reply", "kind"),
    [(Reply(429, b"{}"), RateLimited), (refusal("DATABASE_ERROR", status=503), Unavailable)],
)
def test_what_torbox_itself_says_is_not_argued_with(
    server: Server, reply: Reply, kind: type[Exception]
) -> None:
    server.will(reply)
    with client_of(server.url, retries=2) as client, pytest.raises(kind):
        client.list_torrents()
    assert len(server.requests) == 1


def test_gzip_is_understood(server: Server, client: Client) -> None:
    packed = gzip.compress(json.dumps({"success": True, "data": []}).encode())
    server.will(Reply(body=packed, headers={"Content-Encoding": "gzip"}))
    assert client.list_torrents() == ()
    assert server.last.headers["accept-encoding"] == "gzip"


def test_netrc_does_not_replace_the_key(
    server: Server, client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password else\n")
    monkeypatch.setenv("NETRC", str(netrc))
    server.will(ok([]))
    client.list_torrents()
    assert server.last.headers["authorization"] == f"Bearer {KEY}"


def test_logs_at_debug_do_not_have_the_key(
    server: Server, client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    server.will(ok(LINK))
    client.request_download(torrent_id=1)
    assert "/v1/api/torrents/requestdl?" in caplog.text
    assert "token=[hidden]" in caplog.text
    assert KEY not in caplog.text


def test_broken_connections_do_not_log_the_key(
    server: Server, client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    server.will(Reply(fault="drop"))
    with pytest.raises(Unavailable):
        client.request_download(torrent_id=1)
    assert KEY not in caplog.text


def test_the_client_does_not_show_its_key(client: Client) -> None:
    assert repr(client).startswith("Client(Transport('http://127.0.0.1:")
    assert KEY not in repr(client)


def test_a_read_that_used_up_its_time_is_not_tried_again(server: Server) -> None:
    server.will(Reply(fault="stall"))
    with client_of(server.url, timeout=(1, 0.5), retries=2) as client, pytest.raises(Unreachable):
        client.user()
    assert len(server.requests) == 1


def test_the_gate_stands_around_every_attempt_and_can_hold_back(server: Server) -> None:
    passed: list[str] = []

    @contextmanager
    def gate(endpoint: str) -> Iterator[None]:
        if len(passed) == 2:
            raise RateLimited("Enough for now.")
        passed.append(endpoint)
        yield

    server.will(Reply(fault="drop"), ok([]))
    with client_of(server.url, retries=1, gate=gate) as client:
        client.list_queued()
        with pytest.raises(RateLimited):
            client.user()
    assert passed == ["getqueued", "getqueued"] and len(server.requests) == 2
