"""Reading a large file from any position: what counts as its data, and the guards."""

from __future__ import annotations

import socket
import ssl
import threading
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.nginx import make_certificate
from tests.torbox.support import Reply, Server
from torbox.guarded_fetch import FetchError
from torbox.streaming import MAX_SECONDS, Stream, open_stream

TEXT = b"0123456789"
TOKEN = "notforlogs"


def opened(server: Server, **more: Any) -> Stream:
    return open_stream(f"{server.url}/file?token={TOKEN}", private_origin=server.url, **more)


def whole(stream: Stream, size: int = 4) -> bytes:
    """Return everything that comes, read in pieces."""
    buffer, data = memoryview(bytearray(size)), b""
    with stream:
        while got := stream.read_into(buffer):
            data += buffer[:got]
    return data


def test_a_whole_file_begins_at_its_beginning(server: Server) -> None:
    server.will(Reply(body=TEXT))
    stream = opened(server)
    assert (stream.status, stream.start, stream.size, stream.is_page) == (200, 0, 10, False)
    assert whole(stream) == TEXT
    assert "range" not in {name.lower() for name in server.last.headers}


def test_the_rest_of_a_file_is_asked_for(server: Server) -> None:
    server.will(Reply(206, TEXT[4:], {"Content-Range": "bytes 4-9/10"}))
    stream = opened(server, start=4)
    assert (stream.start, stream.size) == (4, 10)
    assert whole(stream) == TEXT[4:]
    asked = {name.lower(): value for name, value in server.last.headers.items()}
    assert asked["range"] == "bytes=4-" and asked["accept-encoding"] == "identity"
    assert not {"cookie", "authorization"} & set(asked)


@pytest.mark.parametrize(
    ("status", "headers"),
    [
        (206, {}),
        (206, {"Content-Range": "bytes 4-8/10"}),
        (206, {"Content-Range": "bytes 4-9/9"}),
        (206, {"Content-Range": "bytes 4-9/*"}),
        (206, {"Content-Range": "lines 4-9/10"}),
        (200, {"Content-Encoding": "gzip"}),
        (302, {"Location": "http://127.0.0.1:9/"}),
        (400, {}),
        (404, {}),
        (416, {"Content-Range": "bytes */4"}),
        (503, {}),
    ],
)
def test_anything_else_is_no_data(server: Server, status: int, headers: dict[str, str]) -> None:
    server.will(Reply(status, TEXT[4:], headers))
    with opened(server, start=4) as stream:
        assert (stream.status, stream.start, stream.size) == (status, None, None)
    assert len(server.requests) == 1  # no redirect is followed


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("37", 37.0),
        ("99999999", MAX_SECONDS),
        ("Fri, 31 Dec 1999 23:59:59 GMT", None),
        ("-1", None),
        ("", None),
    ],
)
def test_the_server_says_how_long_to_wait(server: Server, said: str, seconds: float | None) -> None:
    server.will(Reply(429, b"", {"Retry-After": said}))
    with opened(server) as stream:
        assert stream.retry_after == seconds


@pytest.mark.parametrize("kind", ["text/html; charset=utf-8", "application/json"])
def test_a_page_is_told_from_a_file(server: Server, kind: str) -> None:
    server.will(Reply(body=b"{}", headers={"Content-Type": kind}))
    with opened(server) as stream:
        assert stream.is_page


def test_a_body_that_is_cut_off_just_ends(server: Server) -> None:
    server.will(Reply(body=TEXT * 1000, fault="truncate"))
    stream = opened(server)
    assert stream.size is not None
    assert 0 < len(whole(stream)) < stream.size


def test_no_response_is_an_error_without_the_address(server: Server) -> None:
    server.will(Reply(fault="drop"))
    with pytest.raises(FetchError) as caught:
        opened(server)
    assert caught.value.reason == "unreachable"
    assert TOKEN not in "".join(traceback.format_exception(caught.value))


def test_someone_who_waits_can_stop_waiting(server: Server) -> None:
    class Enough(Exception):
        pass

    def stop() -> None:
        raise Enough

    server.will(Reply(fault="stall"))
    with pytest.raises(Enough):
        opened(server, waiting=stop)


def test_only_public_servers_are_asked(server: Server) -> None:
    with pytest.raises(FetchError) as caught:
        open_stream(server.url)
    assert caught.value.reason == "address" and not server.requests


@pytest.mark.parametrize(
    "head", [b"nonsense\r\n\r\n", b"HTTP/1.1 200 OK\r\nX: " + b"x" * 200_000, b"HTTP/1.1 200"]
)
def test_a_head_that_is_none_is_an_error(head: bytes) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        origin = f"http://127.0.0.1:{listener.getsockname()[1]}"
        thread = threading.Thread(target=_answer, args=(listener, head))
        thread.start()
        with pytest.raises(FetchError):
            open_stream(origin, private_origin=origin)
        thread.join(10)


def _answer(listener: socket.socket, head: bytes) -> None:
    connection, _ = listener.accept()
    with connection:
        connection.recv(65536)
        try:
            connection.sendall(head)
        except OSError:
            return


@pytest.fixture(scope="module")
def secure(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, Path]]:
    folder = tmp_path_factory.mktemp("tls")
    make_certificate(folder, ("files.test",))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(folder / "fullchain.pem", folder / "privkey.pem")
    server = Server()
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield server, folder / "fullchain.pem"
    server.forget()
    server.shutdown()
    server.server_close()


def test_tls_is_checked(secure: tuple[Server, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    server, bundle = secure
    server.will(Reply(body=TEXT))
    origin = f"https://files.test:{server.server_address[1]}"

    def resolve(host: str, port: int) -> list[str]:
        return ["127.0.0.1"]

    with pytest.raises(FetchError) as caught:
        open_stream(origin, private_origin=origin, resolve=resolve)
    assert caught.value.reason == "tls"
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(bundle))
    assert whole(open_stream(origin, private_origin=origin, resolve=resolve)) == TEXT
