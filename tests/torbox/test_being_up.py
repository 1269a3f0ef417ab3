"""Whether TorBox answers at all: asked without a key, answered yes only by TorBox itself."""

from __future__ import annotations

import socket

import pytest

import torbox
from tests.torbox.support import Reply, Server, example, refusal


def test_a_torbox_that_says_so_is_up_and_sees_no_key(server: Server) -> None:
    server.will(example("other.json", "up"))
    assert torbox.outage(server.url) is None
    assert (server.last.method, server.last.path) == ("GET", "/")
    assert "authorization" not in server.last.headers and server.last.headers["user-agent"] == "TorBoxWeb"


@pytest.mark.parametrize(
    "reply",
    [
        Reply(200, b"<html>Please sign in to this network</html>"),
        Reply(302, headers={"Location": "http://127.0.0.1:9/"}),
        Reply(502, b"<html>Bad gateway</html>"),
        refusal("DATABASE_ERROR", status=500),
        Reply(fault="drop"),
        Reply(fault="truncate"),
        Reply(fault="stall"),
        Reply(fault="drip"),
        Reply(fault="endless"),
        Reply(200, b"not gzip", headers={"Content-Encoding": "gzip"}),
        Reply(200, b""),
    ],
)
def test_whatever_else_answers_is_not_torbox(server: Server, reply: Reply) -> None:
    server.will(reply)
    assert torbox.outage(server.url, seconds=0.3)
    assert len(server.requests) == 1


def test_nobody_there_is_not_up() -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        assert torbox.outage(f"http://127.0.0.1:{nobody.getsockname()[1]}", seconds=0.3)


def test_an_address_that_cannot_be_one_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="address"):
        torbox.outage("api.torbox.app")
