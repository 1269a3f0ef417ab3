"""A real HTTP server on the loopback that says what a test tells it to, faults included."""

from __future__ import annotations

import contextlib
import json
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from torbox import Client

CONTRACT = Path(__file__).parent.parent / "contract"
KEY = "3f1c0de5-aaaa-4bbb-8ccc-0123456789ab"


@dataclass(frozen=True)
class Reply:
    """One answer. `fault`: drop, stall, truncate, endless or drip; or late, which waits and then answers."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    fault: str = ""


def ok(data: Any = None, detail: str = "Done.", **extra: Any) -> Reply:
    return Reply(
        body=json.dumps({"success": True, "error": None, "detail": detail, "data": data, **extra}).encode()
    )


def refusal(code: Any, detail: str = "No.", status: int = 400, data: Any = None, **headers: str) -> Reply:
    body = {"success": False, "error": code, "detail": detail, "data": data}
    return Reply(status, json.dumps(body).encode(), {k.replace("_", "-"): v for k, v in headers.items()})


def example(file: str, name: str | None = None) -> Reply:
    """A composed body from tests/contract."""
    content = json.loads((CONTRACT / file).read_text())
    if name is None:
        return Reply(body=json.dumps(content).encode())
    case = content[name]
    body = case["body_text"] if "body_text" in case else json.dumps(case["body"])
    return Reply(case["http_status"], body.encode(), case["headers"])


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]
    body: bytes

    @property
    def form(self) -> dict[str, list[str]]:
        return parse_qs(self.body.decode(), keep_blank_values=True)

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Server

    def handle_one(self) -> None:
        url = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.requests.append(Request(self.command, url.path, parse_qs(url.query), headers, body))
        self.server.ports.add(self.client_address[1])
        with self.server.arrived:
            self.server.arrived.notify_all()
        reply = self.server.next_reply()
        if reply.fault == "drop":
            self.close_connection = True
        elif reply.fault == "stall":
            self.server.released.wait(10)
            self.close_connection = True
        else:
            self.server.released.wait(0.2 if reply.fault == "late" else 0)
            self._answer(reply)

    do_GET = do_POST = do_PUT = handle_one

    def _answer(self, reply: Reply) -> None:
        length = {"truncate": len(reply.body) + 100, "endless": 10**12, "drip": 10**6}.get(
            reply.fault, len(reply.body)
        )
        self.send_response(reply.status)
        for name, value in {"Content-Length": str(length), **reply.headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(reply.body)
        if reply.fault:
            self.close_connection = True
            getattr(self, f"_{reply.fault}")()

    def _late(self) -> None:
        self.wfile.flush()

    def _truncate(self) -> None:
        self.wfile.flush()

    def _endless(self) -> None:
        released = self.server.released
        while not released.is_set():
            self.wfile.write(b" " * 2**20)

    def _drip(self) -> None:
        released = self.server.released
        while not released.wait(0.02):
            self.wfile.write(b" ")

    def handle(self) -> None:
        with contextlib.suppress(OSError):  # the client hung up, which several tests are about
            super().handle()

    def finish(self) -> None:
        with contextlib.suppress(OSError):
            super().finish()

    def log_message(self, *args: Any) -> None:
        pass


class Server(ThreadingHTTPServer):
    """Gives `replies` in order and the last one ever after; remembers what was asked."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.requests: list[Request] = []
        self.ports: set[int] = set()
        self.replies: list[Reply] = []
        self.released = threading.Event()
        self.arrived = threading.Condition()

    def was_asked(self, times: int, seconds: float = 10.0) -> bool:
        """Return whether so many requests arrive in time."""
        with self.arrived:
            return self.arrived.wait_for(lambda: len(self.requests) >= times, seconds)

    def forget(self) -> None:
        """Let go of stalled answers and start afresh."""
        self.released.set()
        self.released = threading.Event()
        self.requests, self.ports, self.replies = [], set(), []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    @property
    def last(self) -> Request:
        return self.requests[-1]

    def will(self, *replies: Reply) -> None:
        self.replies = list(replies)

    def next_reply(self) -> Reply:
        return self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]


def client_of(url: str, **options: Any) -> Client:
    settings = {"timeout": (5, 5), "retries": 0, "body_deadline": 2.0} | options
    return Client(base_url=url, api_key=KEY, **settings)


def read_contract(file: str) -> Any:
    return json.loads((CONTRACT / file).read_text())
