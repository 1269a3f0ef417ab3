"""Fixtures over a real HTTP server on the loopback; its parts are in support.py."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from tests.torbox.support import Server, client_of
from torbox import Client


@pytest.fixture(scope="session")
def one_server() -> Iterator[Server]:
    server = Server()
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield server
    server.forget()
    server.shutdown()
    server.server_close()
    thread.join(5)


@pytest.fixture
def server(one_server: Server) -> Iterator[Server]:
    """The server with a clean memory."""
    one_server.forget()
    yield one_server
    one_server.forget()


@pytest.fixture
def client(server: Server) -> Iterator[Client]:
    with client_of(server.url) as client:
        yield client
