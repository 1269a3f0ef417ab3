"""The guard in front of addresses that others chose: public addresses, resolved once, checked certificates, bounds."""

from __future__ import annotations

import socket
import ssl
import threading
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.nginx import make_certificate
from tests.torbox.support import Reply, Server
from torbox.guarded_fetch import FetchError, Limits, fetch
from torbox.public_addresses import is_private_name, is_public

PUBLIC = ["8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"]
NOT_PUBLIC = [
    "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.0", "100.64.0.1",
    "192.0.0.8", "198.18.0.1", "224.0.0.1", "239.1.1.1", "240.0.0.1", "255.255.255.255", "::", "::1",
    "::ffff:127.0.0.1", "::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b:1::1", "2002:7f00:1::", "2001:0:1::1",
    "fe80::1", "fe80::1%eth0", "fec0::1", "fd00::1", "ff02::1", "2001:db8::1", "", "cdn.example.org",
]  # fmt: skip
BAD_URLS = [
    "", "ftp://cdn.example.org/a", "file:///etc/passwd", "https://", "https:///path", "//cdn.example.org/a",
    "https://name:secret@cdn.example.org/a", "https://@cdn.example.org/", "https://cdn.example.org:99999/",
    "https://cdn.example.org\\@127.0.0.1/", "https://cdn.example.org/\r\nX: y", "https://a b/",
    "https://[fe80::1%25eth0]/", "https://.example.org/", "https://[::1/", "https://x/" + "a" * 9000,
]  # fmt: skip


def limits(**changes: Any) -> Limits:
    return Limits(**({"max_bytes": 1000, "seconds": 2.0, "allow_http": True} | changes))


def refusal(url: str, bounds: Limits | None = None, **more: Any) -> FetchError:
    with pytest.raises(FetchError) as caught:
        fetch(url, bounds or limits(), **more)
    return caught.value


class Resolver:
    """Answer each look-up with the next of `answers`, and repeat the last one."""

    def __init__(self, *answers: list[str]) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []

    def __call__(self, host: str, port: int) -> list[str]:
        self.asked.append(host)
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_are_recognized(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_other_addresses_are_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", NOT_PUBLIC[:-2])
def test_a_name_with_an_address_that_is_not_public_is_refused(address: str) -> None:
    resolver = Resolver([address])
    assert refusal("https://cdn.example.org/", resolve=resolver).reason == "address"


@pytest.mark.parametrize("addresses", [["8.8.8.8", "127.0.0.1"], ["10.0.0.1", "2606:4700::1111"]])
def test_one_local_address_among_public_ones_is_enough_to_refuse(addresses: list[str]) -> None:
    assert refusal("http://cdn.example.org/", resolve=Resolver(addresses)).reason == "address"


@pytest.mark.parametrize("url", BAD_URLS)
def test_what_is_no_plain_web_address_is_refused_without_a_look_up(url: str) -> None:
    resolver = Resolver(["8.8.8.8"])
    assert refusal(url, resolve=resolver).reason == "url"
    assert resolver.asked == []


def test_http_is_refused_unless_allowed() -> None:
    resolver = Resolver(["127.0.0.1"])
    assert refusal("http://cdn.example.org/", limits(allow_http=False), resolve=resolver).reason == "scheme"
    assert resolver.asked == []


def test_a_name_is_looked_up_once_and_the_connection_goes_to_that_address(server: Server) -> None:
    """A name that changes its address between check and connection (DNS rebinding) gains nothing."""
    port = server.server_address[1]
    origin = f"http://files.test:{port}"
    server.will(Reply(302, headers={"Location": "/b"}), Reply(body=b"here"))
    resolver = Resolver(["127.0.0.1"], ["127.0.0.1"], ["10.0.0.1"])
    assert fetch(f"{origin}/a", limits(), private_origin=origin, resolve=resolver) == b"here"
    assert resolver.asked == ["files.test"] * 2
    assert server.last.headers["host"] == f"files.test:{port}"


def test_a_redirect_is_looked_up_and_checked_again(server: Server) -> None:
    server.will(Reply(302, headers={"Location": f"http://localhost:{server.server_address[1]}/b"}))
    resolver = Resolver(["127.0.0.1"])
    assert refusal(f"{server.url}/a", private_origin=server.url, resolve=resolver).reason == "address"
    assert resolver.asked == ["127.0.0.1", "localhost"] and len(server.requests) == 1


@pytest.mark.parametrize("origin", ["http://torbox.example.org", "https://8.8.8.8", "nonsense", ""])
def test_no_public_origin_is_exempt(origin: str) -> None:
    url = f"{origin or 'https://torbox.example.org'}/a"
    assert refusal(url, private_origin=origin, resolve=Resolver(["127.0.0.1"])).reason in ("address", "url")


@pytest.mark.parametrize(
    ("host", "private"),
    [
        ("localhost", True), ("simulator", True), ("127.0.0.1", True), ("::1", True), ("nas.lan", True),
        ("api.torbox.app", False), ("8.8.8.8", False), ("localhost.example.org", False),
    ],
)  # fmt: skip
def test_private_names_are_recognized_by_their_spelling(host: str, private: bool) -> None:
    assert is_private_name(host) is private


def test_an_exempt_origin_is_exempt_with_its_own_port_alone(server: Server) -> None:
    other = f"http://127.0.0.1:{server.server_address[1] + 1}"
    assert refusal(f"{server.url}/a", private_origin=other).reason == "address"
    assert server.requests == []


def test_no_proxy_no_cookie_and_no_credentials_are_used(
    server: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login mara password secret\n")
    monkeypatch.setenv("NETRC", str(netrc))
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    server.will(Reply(302, headers={"Location": "/b", "Set-Cookie": "a=b"}), Reply(body=b"here"))
    assert fetch(f"{server.url}/a", limits(), private_origin=server.url) == b"here"
    sent = {"host", "user-agent", "accept", "accept-encoding", "connection"}
    assert set(server.last.headers) == sent


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (Reply(404, b"gone"), "status"),
        (Reply(400, b"<html>"), "status"),
        (Reply(302), "url"),
        (Reply(302, headers={"Location": "http://[::1"}), "url"),
        (Reply(302, headers={"Location": "/again"}), "redirects"),
        (Reply(body=b"x" * 1001), "too_large"),
        (Reply(body=b"x", fault="endless"), "too_large"),
        (Reply(body=b"x", fault="truncate"), "unreachable"),
        (Reply(fault="drop"), "unreachable"),
        (Reply(body=b"x", headers={"Content-Encoding": "gzip"}), "unreachable"),
    ],
)
def test_an_answer_that_is_no_file_has_its_reason(server: Server, reply: Reply, reason: str) -> None:
    server.will(reply)
    error = refusal(f"{server.url}/a?token=secret", private_origin=server.url)
    assert error.reason == reason
    assert error.__context__ is None
    assert "secret" not in repr(vars(error)) + "".join(traceback.format_exception(error))


@pytest.mark.parametrize("fault", ["drip", "stall"])
def test_everything_together_ends_in_time(server: Server, fault: str) -> None:
    server.will(Reply(body=b"x", fault=fault))
    started = time.monotonic()
    error = refusal(f"{server.url}/a", limits(seconds=0.3, max_bytes=10**7), private_origin=server.url)
    assert (error.reason, time.monotonic() - started < 2) == ("too_slow", True)


def test_a_slow_look_up_ends_in_time() -> None:
    never = threading.Event()

    def resolve(host: str, port: int) -> list[str]:
        never.wait(10)
        return ["8.8.8.8"]

    assert refusal("https://cdn.example.org/", limits(seconds=0.2), resolve=resolve).reason == "too_slow"
    never.set()


def test_a_closed_port_and_an_unknown_name_are_unreachable(server: Server) -> None:
    origin = "http://127.0.0.1:1"
    assert refusal(origin, private_origin=origin).reason == "unreachable"
    assert refusal("https://cdn.example.org/", resolve=Resolver([])).reason == "unreachable"


def test_the_next_address_is_tried_when_one_does_not_answer(server: Server) -> None:
    server.will(Reply(body=b"here"))
    origin = f"http://files.test:{server.server_address[1]}"
    resolver = Resolver(["127.0.0.2", "127.0.0.1"])
    assert fetch(origin, limits(), private_origin=origin, resolve=resolver) == b"here"


def test_names_and_paths_may_have_letters_of_any_language(server: Server) -> None:
    location = "/夏?q=ü".encode().decode("latin-1")  # as headers are written
    server.will(Reply(302, headers={"Location": location}), Reply(body=b"here"))
    origin = f"http://bücher.test:{server.server_address[1]}"
    resolver = Resolver(["127.0.0.1"])
    assert fetch(f"{origin}/ä", limits(), private_origin=origin, resolve=resolver) == b"here"
    assert resolver.asked == ["xn--bcher-kva.test"] * 2
    assert [request.path for request in server.requests] == ["/%C3%A4", "/%E5%A4%8F"]


@contextmanager
def listening(say: bytes = b"") -> Iterator[int]:
    """A port that takes a connection and repeats `say` slowly, or keeps silent."""
    done = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def talk() -> None:
            connection, _ = listener.accept()
            with connection, suppress(OSError):
                connection.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: " if say else b"")
                while not done.wait(0.02):
                    connection.sendall(say)

        thread = threading.Thread(target=talk)
        thread.start()
        yield listener.getsockname()[1]
        done.set()
        # Without this, it waits forever for a client that gave up before it came.
        socket.create_connection(listener.getsockname()).close()
        thread.join()


@pytest.mark.parametrize(("scheme", "say"), [("http", b"y"), ("https", b"")])
def test_slow_headers_and_slow_handshakes_end_in_time(scheme: str, say: bytes) -> None:
    with listening(say) as port:
        origin = f"{scheme}://127.0.0.1:{port}"
        assert refusal(origin, limits(seconds=0.3), private_origin=origin).reason == "too_slow"


class Secure(NamedTuple):
    """A server with a certificate for files.test, and the names that clients asked it for."""

    server: Server
    bundle: Path
    asked: list[str | None]

    def origin(self, name: str) -> str:
        return f"https://{name}:{self.server.server_address[1]}"


@pytest.fixture(scope="module")
def one_secure(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Secure]:
    folder, asked = tmp_path_factory.mktemp("tls"), []
    make_certificate(folder, ("files.test",))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(folder / "fullchain.pem", folder / "privkey.pem")
    context.sni_callback = lambda connection, name, context: asked.append(name)
    server = Server()
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield Secure(server, folder / "fullchain.pem", asked)
    server.forget()
    server.shutdown()
    server.server_close()


@pytest.fixture
def secure(one_secure: Secure) -> Secure:
    one_secure.server.forget()
    return one_secure


@pytest.fixture
def trusted(secure: Secure, monkeypatch: pytest.MonkeyPatch) -> Secure:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(secure.bundle))
    return secure


def test_tls_proves_the_name_although_the_connection_goes_to_an_address(trusted: Secure) -> None:
    trusted.server.will(Reply(body=b"here"))
    origin = trusted.origin("files.test")
    resolver = Resolver(["127.0.0.1"])
    assert fetch(origin, limits(), private_origin=origin, resolve=resolver) == b"here"
    assert trusted.asked[-1] == "files.test"


def test_a_body_that_drips_through_tls_ends_in_time(trusted: Secure) -> None:
    trusted.server.will(Reply(body=b"x", fault="drip"))
    origin = trusted.origin("files.test")
    bounds = limits(seconds=0.5, max_bytes=10**7)
    error = refusal(origin, bounds, private_origin=origin, resolve=Resolver(["127.0.0.1"]))
    assert error.reason == "too_slow"


def test_a_certificate_of_another_name_is_refused(trusted: Secure) -> None:
    origin = trusted.origin("other.test")
    error = refusal(origin, private_origin=origin, resolve=Resolver(["127.0.0.1"]))
    assert error.reason == "tls" and trusted.server.requests == []


def test_a_certificate_that_is_not_trusted_is_refused(secure: Secure) -> None:
    origin = secure.origin("files.test")
    error = refusal(origin, private_origin=origin, resolve=Resolver(["127.0.0.1"]))
    assert error.reason == "tls" and secure.server.requests == []


def test_a_redirect_from_https_to_http_is_refused(trusted: Secure, server: Server) -> None:
    trusted.server.will(Reply(302, headers={"Location": f"{server.url}/b"}))
    origin = trusted.origin("files.test")
    error = refusal(origin, private_origin=origin, resolve=Resolver(["127.0.0.1"]))
    assert error.reason == "redirects" and server.requests == []
