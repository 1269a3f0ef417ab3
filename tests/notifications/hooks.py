"""A service that takes webhooks over HTTP on 127.0.0.1, and answers as a test wants."""

from __future__ import annotations

import json
import socket
import struct
import sys
import threading
from collections import Counter, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

ORIGIN = "https://hooks.example"  # as channels have it; the guard sends it to the server below
CLOSE, HANG, LOSE = "close", "hang", "lose"
"""Instead of a status: hang up before the message is read, keep it without an answer, take it and lose the answer."""
Answer = int | str


@dataclass
class Taken:
    """A message that the service took."""

    path: str
    id: str
    body: dict[str, Any]

    @property
    def title(self) -> str:
        return str(self.body["title"])

    @property
    def lines(self) -> list[str]:
        return str(self.body["body"]).splitlines()


@dataclass
class Hooks:
    """The service. `script` has the next answers, then `otherwise` decides by the path."""

    server: ThreadingHTTPServer
    taken: list[Taken] = field(default_factory=list)
    refused: Counter[str] = field(default_factory=Counter)
    script: deque[Answer] = field(default_factory=deque)
    otherwise: Callable[[str], Answer] = lambda path: 200
    on_take: Callable[[Taken], None] = lambda message: None
    headers: dict[str, str] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)
    arrived: threading.Event = field(default_factory=threading.Event)  # a message was taken
    released: threading.Event = field(default_factory=threading.Event)

    @property
    def origins(self) -> dict[str, str]:
        """Return what NOTIFICATION_ORIGINS has to be."""
        return {ORIGIN: f"http://127.0.0.1:{self.server.server_port}"}

    def at(self, path: str) -> list[Taken]:
        return [message for message in self.taken if message.path == path]

    @property
    def titles(self) -> list[str]:
        return [message.title for message in self.taken]

    def next_answer(self, path: str) -> Answer:
        with self.lock:
            if self.script:
                return self.script.popleft()
        return self.otherwise(path)

    def take(self, message: Taken) -> None:
        with self.lock:
            self.taken.append(message)
        self.arrived.set()

    def refuse(self, answer: Answer) -> None:
        with self.lock:
            self.refused[str(answer)] += 1


@contextmanager
def served() -> Iterator[Hooks]:
    """Run the service for as long as the block runs."""
    server = _Server(("127.0.0.1", 0), _Handler)
    hooks = server.hooks = Hooks(server)  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield hooks
    finally:
        hooks.released.set()
        server.shutdown()
        server.server_close()
        thread.join(5)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 50

    def handle_error(self, request: object, client_address: object) -> None:
        """Ignore senders that were killed, whose messages aren't complete or can't be answered."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        hooks: Hooks = self.server.hooks  # type: ignore[attr-defined]
        answer = hooks.next_answer(self.path)
        if answer == CLOSE:
            hooks.refuse(answer)
            return self._hang_up()
        length = int(self.headers["Content-Length"])
        body = self.rfile.read(length)
        if len(body) < length:
            raise ConnectionResetError
        if answer == HANG:
            hooks.refuse(answer)
            hooks.released.wait(60)
            return self._hang_up()
        if answer == LOSE or 200 <= int(answer) < 300:
            message = Taken(self.path, self.headers["webhook-id"], json.loads(body))
            hooks.take(message)
            hooks.on_take(message)
        else:
            hooks.refuse(answer)
        if answer == LOSE:
            return self._hang_up()
        self.send_response(int(answer))
        for name, value in hooks.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"no" if int(answer) >= 300 else b"ok")
        return None

    def _hang_up(self) -> None:
        """Reset the connection."""
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()

    def finish(self) -> None:
        with suppress(OSError, ValueError):
            super().finish()

    def log_message(self, *args: object) -> None:
        """Log nothing."""
