"""The simulator's HTTP server, with a thread for each keep-alive connection."""

from __future__ import annotations

import contextlib
import os
import socket
import struct
import sys
import threading
from collections.abc import Iterator
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from simulator import app, control_http, scenarios, world
from simulator.clock import Clock
from simulator.control import Control
from simulator.options import Options
from simulator.state import State
from simulator.wire import Request, Response
from simulator.world import Simulator

REASONS = {status.value: status.phrase for status in HTTPStatus}
LINGER_RESET = struct.pack("ii", 1, 0)
DRIP_SECONDS = 0.25


class Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128
    allow_reuse_address = True

    def __init__(self, address: tuple[str, int], sim: Simulator, commands: Control) -> None:
        self.sim, self.app, self.commands = sim, app.App(sim), commands
        self.address_family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        self.stopping = threading.Event()
        self.open: set[socket.socket] = set()
        super().__init__(address, Handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        self.open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self.open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Ignore disconnected clients. Report anything else, which is a bug."""
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)

    def hang_up(self) -> None:
        """Close keep-alive connections too, as a killed process would."""
        self.stopping.set()
        for connection in list(self.open):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    server: Server

    def do_GET(self) -> None:
        request = self._request()
        if request is not None:
            self._serve(request)

    do_HEAD = do_POST = do_PUT = do_DELETE = do_PATCH = do_OPTIONS = do_GET

    def log_message(self, format: str, *args: Any) -> None:
        """Log nothing, because request lines contain keys."""

    def _request(self) -> Request | None:
        length = self.headers.get("content-length", "0")
        if not length.isdigit() or int(length) > world.MAX_BODY:
            self.close_connection = True
            self._send(world.too_much_data())
            return None
        headers = {name.lower(): value for name, value in self.headers.items()}
        body = self.rfile.read(int(length)) if int(length) else b""
        return Request(self.command, self.path, headers, body, self.client_address[0])

    def _serve(self, request: Request) -> None:
        if request.path.startswith(control_http.PREFIX):
            self._send(control_http.handle(self.server.commands, request))
            return
        with self.server.sim.calls.under_way(app.key_of(request)):
            with self.server.sim.lock:
                response = self.server.app.handle(request)
            stopped = bool(response.delay) and self.server.stopping.wait(response.delay)
        if stopped:
            self.close_connection = True
            return
        self._send(response)

    def _send(self, response: Response) -> None:
        if response.damage in ("drop", "refuse"):
            self._break(reset=response.damage == "refuse")
            return
        self.wfile.write(self._head(response))
        if self.command != "HEAD":
            self._body(response)
        self.wfile.flush()

    def _head(self, response: Response) -> bytes:
        status = f"HTTP/1.1 {response.status} {REASONS.get(response.status, 'Unknown')}"
        headers = {
            "content-length": str(response.content_length()),
            "server": "simulator",
            **response.headers,
        }
        if self.close_connection:
            headers["connection"] = "close"
        lines = [
            status,
            f"date: {self.date_time_string()}",
            *(f"{name}: {value}" for name, value in headers.items()),
        ]
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1", "replace")

    def _body(self, response: Response) -> None:
        pieces = response.stream if response.stream is not None else iter([response.body])
        if response.damage or response.cut_at:
            pieces = self._damaged(pieces, response)
        for piece in pieces:
            if self.server.stopping.is_set():
                self._break(reset=False)
                return
            self.wfile.write(piece)

    def _damaged(self, pieces: Iterator[bytes], response: Response) -> Iterator[bytes]:
        """Send a part of the body and disconnect, or send the body slowly in small pieces."""
        length = response.content_length()
        left = length // 2 if response.damage == "truncate" else min(length, response.cut_at or length)
        is_cut = response.damage == "truncate" or left < length
        for piece in pieces:
            yield from self._drops(piece[:left]) if response.damage == "drip" else [piece[:left]]
            left -= len(piece)
            if left <= 0:
                break
        if is_cut:
            self.wfile.flush()
            self._break(reset=False)

    def _drops(self, piece: bytes) -> Iterator[bytes]:
        step = max(1, len(piece) // 40)
        for at in range(0, len(piece), step):
            self.wfile.flush()
            if self.server.stopping.wait(DRIP_SECONDS):
                return
            yield piece[at : at + step]

    def _break(self, reset: bool) -> None:
        self.close_connection = True
        if reset:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_RESET)
            os.close(self.connection.detach())
        else:
            self.connection.shutdown(socket.SHUT_RDWR)


class Running:
    """A running simulator. As a context manager it stops at the end."""

    def __init__(self, sim: Simulator, commands: Control, host: str, port: int) -> None:
        self.sim, self.control, self.host = sim, commands, host
        self._open(port)

    @property
    def state(self) -> State:
        return self.sim.state

    @property
    def url(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"

    def _open(self, port: int) -> None:
        self._server = Server((self.host, port), self.sim, self.control)
        self.port = int(self._server.server_address[1])
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Refuse connections from now on. The state stays."""
        ending = threading.Thread(target=self._server.shutdown)
        ending.start()
        self._wake()
        ending.join()
        self._server.server_close()
        self._server.hang_up()
        self._thread.join()

    def _wake(self) -> None:
        """Connect once, so that the server notices immediately that it has to stop."""
        with contextlib.suppress(OSError):
            socket.create_connection((self.host, self.port), timeout=1).close()

    def restart(self) -> None:
        """Start again on the same port with the same state, whether or not it was stopped."""
        if self._thread.is_alive():
            self.stop()
        self._open(self.port)

    def __enter__(self) -> Running:
        return self

    def __exit__(self, *problem: object) -> None:
        if self._thread.is_alive():
            self.stop()


def start(
    port: int = 0,
    scenario: str = "empty",
    *,
    host: str = "127.0.0.1",
    speed: float = 1.0,
    now: float | None = None,
    settings: dict[str, Any] | None = None,
    **options: Any,
) -> Running:
    """Start a simulator. `options` are switches, `settings` go to the scenario, `now` is the virtual start time."""
    sim = Simulator(Clock(now, speed), Options(**options))
    scenarios.load(sim, scenario, **(settings or {}))
    return Running(sim, Control(sim, scenario), host, port)
