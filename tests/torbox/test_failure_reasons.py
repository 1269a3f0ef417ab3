"""Why there was no answer: each cause made on the loopback, and told apart."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator

import pytest

import torbox
from tests.nginx import make_certificate
from tests.torbox.support import Server, client_of
from torbox import Reason

PROXIES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")


@pytest.fixture(autouse=True)
def _no_proxies(monkeypatch) -> None:
    for name in PROXIES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture
def closed_port() -> Iterator[int]:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


@pytest.fixture
def silent() -> Iterator[int]:
    """A port that takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.fixture
def self_signed(tmp_path) -> Iterator[int]:
    """A TLS server whose certificate no authority of this machine has signed."""
    make_certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "fullchain.pem", tmp_path / "privkey.pem")
    with socket.create_server(("127.0.0.1", 0)) as server:

        def greet() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                with connection:
                    try:
                        context.wrap_socket(connection, server_side=True)
                    except OSError:
                        continue

        threading.Thread(target=greet, daemon=True).start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)


def reasons(url: str) -> set[Reason]:
    """As seen without a key, and by a call with one."""
    error = torbox.outage(url, seconds=0.5)
    assert isinstance(error, torbox.Unreachable)
    with client_of(url) as client, pytest.raises(torbox.Unreachable) as caught:
        client.user()
    return {error.reason, caught.value.reason}


def test_a_name_without_an_address() -> None:
    assert reasons("http://torbox.invalid") == {Reason.DNS}


def test_a_port_where_nothing_listens(closed_port) -> None:
    assert reasons(f"http://127.0.0.1:{closed_port}") == {Reason.REFUSED}


def test_a_server_that_says_nothing(silent) -> None:
    assert reasons(f"http://127.0.0.1:{silent}") == {Reason.TIMEOUT}


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_proxy_that_is_not_there(closed_port, monkeypatch, scheme) -> None:
    monkeypatch.setenv(f"{scheme}_proxy", f"http://127.0.0.1:{closed_port}")
    assert reasons(f"{scheme}://torbox.invalid") == {Reason.PROXY}


def test_a_proxy_that_refuses_to_pass_it_on(server: Server, monkeypatch) -> None:
    monkeypatch.setenv("https_proxy", server.url)
    assert reasons("https://torbox.invalid") == {Reason.PROXY}


def test_a_certificate_that_this_machine_does_not_know(self_signed) -> None:
    assert reasons(f"https://127.0.0.1:{self_signed}") == {Reason.CERTIFICATE}


def test_the_certificate_of_a_private_authority_is_known_by_its_file(
    self_signed, tmp_path, monkeypatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "fullchain.pem"))
    error = torbox.outage(f"https://127.0.0.1:{self_signed}", seconds=0.5)
    assert isinstance(error, torbox.Unreachable) and error.reason != Reason.CERTIFICATE


def test_an_error_says_nothing_of_how_it_came_about(closed_port) -> None:
    """The exceptions of the HTTP library hold the address with the key in it."""
    error = torbox.outage(f"http://127.0.0.1:{closed_port}", seconds=0.5)
    assert error is not None and error.__cause__ is None and error.__context__ is None
