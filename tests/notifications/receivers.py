"""Servers of our own in place of the services that messages go to."""

from __future__ import annotations

import json
import ssl
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Received:
    """A request that arrived."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Reply:
    """What to answer. `drip`: seconds between the bytes of the body. `silent`: seconds without any answer."""

    status: int = 200
    body: bytes | str | dict[str, Any] = b"{}"
    headers: dict[str, str] = field(default_factory=dict)
    drip: float = 0.0
    silent: float = 0.0

    @property
    def written(self) -> bytes:
        if isinstance(self.body, dict):
            return json.dumps(self.body).encode()
        return self.body.encode() if isinstance(self.body, str) else self.body


class Receiver:
    """A web server that keeps what it gets, and answers as it is told: each reply once, the last one for ever."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.received: list[Received] = []
        self.replies: deque[Reply] = deque([Reply()])
        self.over = threading.Event()
        self.connections = 0
        self._server = _Counting(("127.0.0.1", 0), _handler(self))
        self._server.receiver = self
        self._server.daemon_threads = True
        if tls:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        self.port = int(self._server.server_address[1])
        self.origin = f"http://127.0.0.1:{self.port}"

    def answers(self, *replies: Reply) -> None:
        self.replies = deque(replies)

    def next_reply(self) -> Reply:
        return self.replies.popleft() if len(self.replies) > 1 else self.replies[0]

    @property
    def only(self) -> Received:
        assert len(self.received) == 1, [one.path for one in self.received]
        return self.received[0]

    def serve(self) -> None:
        threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True
        ).start()

    def close(self) -> None:
        self.over.set()
        self._server.shutdown()
        self._server.server_close()


class _Counting(ThreadingHTTPServer):
    receiver: Receiver

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: clients that hang up are what some tests are about."""

    def process_request(self, request: Any, client_address: Any) -> None:
        self.receiver.connections += 1
        super().process_request(request, client_address)


def _handler(receiver: Receiver) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_one(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = self.rfile.read(length)
            receiver.received.append(Received(self.command, self.path, dict(self.headers), body))
            reply = receiver.next_reply()
            if reply.silent and receiver.over.wait(reply.silent):
                return
            self.send_response(reply.status)
            kind = "text/plain" if isinstance(reply.body, str) else "application/json"
            for name, value in {
                "Content-Type": kind,
                "Content-Length": str(len(reply.written)),
                **reply.headers,
            }.items():
                self.send_header(name, value)
            self.end_headers()
            self._write(reply)

        def _write(self, reply: Reply) -> None:
            try:
                if not reply.drip:
                    self.wfile.write(reply.written)
                    return
                for byte in reply.written:
                    self.wfile.write(bytes([byte]))
                    self.wfile.flush()
                    if receiver.over.wait(reply.drip):
                        return
            except OSError:
                pass  # it hung up

        do_POST = do_PUT = do_GET = handle_one

        def log_message(self, *args: Any) -> None:
            pass

    return Handler


@contextmanager
def receiving(tls: ssl.SSLContext | None = None) -> Iterator[Receiver]:
    receiver = Receiver(tls)
    receiver.serve()
    try:
        yield receiver
    finally:
        receiver.close()


def soon(happened: Any, seconds: float = 5.0) -> None:
    """Wait until something happened in another thread."""
    deadline = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < deadline, "It never happened."
        threading.Event().wait(0.01)
