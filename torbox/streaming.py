"""Read a large file from TorBox's CDN as a stream, from any position.

The guards are those of `guarded_fetch`: only public servers, no redirects, no proxy, no cookies or credentials.
"""

from __future__ import annotations

import http.client
import io
import re
import socket
import ssl
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

from torbox.guarded_fetch import (
    USER_AGENT,
    FetchError,
    Limits,
    Resolve,
    Target,
    checked_addresses,
    connect,
    exempt_origin,
    left,
    parse,
    resolve_host,
    tls_context,
)

OPEN_SECONDS = 10.0  # to look up the name, connect, and agree on TLS
SILENT_SECONDS = 30.0  # without any byte, until the connection counts as dead
WAKE_SECONDS = 1.0  # between two calls of `waiting`
MAX_HEAD = 64 * 1024  # bytes
MAX_SECONDS = 3600.0  # that a Retry-After may ask for
_LIMITS = Limits(max_bytes=0, seconds=OPEN_SECONDS, redirects=0, allow_http=True)
_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+)\Z")


class Stream:
    """The response to a request for the rest of a file.

    `start` is the position of its first byte in the file, `size` the whole file's, both None if the response isn't the
    file's data or doesn't say so. `is_page`: it may be a message for people or programs instead. `retry_after`: seconds
    that the server wants us to wait.
    """

    def __init__(self, connection: socket.socket, waiting: Callable[[], None]) -> None:
        self._connection, self._waiting = connection, waiting
        head, self._rest = self._read_head()
        response = http.client.HTTPResponse(_Head(head))  # type: ignore[arg-type]
        response.begin()
        self.status = response.status
        self.retry_after = _seconds(response.headers.get("retry-after", ""))
        self.start, self.size = _position(response)
        self.is_page = response.headers.get_content_type() in ("text/html", "application/json")
        self._left = response.length or 0

    def read_into(self, buffer: memoryview) -> int:
        """Read what has arrived, at least a byte, and return how many. 0 at the end, or where it was cut off.

        Raises FetchError if nothing arrives for a long time, or the connection breaks.
        """
        wanted = min(len(buffer), self._left)
        if not wanted:
            return 0
        if self._rest:
            size = min(wanted, len(self._rest))
            buffer[:size], self._rest = self._rest[:size], self._rest[size:]
        else:
            size = self._receive(buffer[:wanted])
        self._left -= size
        return size

    def close(self) -> None:
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _read_head(self) -> tuple[bytes, bytes]:
        """Return the head of the response, and what has arrived of its body."""
        data = bytearray()
        buffer = memoryview(bytearray(16 * 1024))
        while (end := data.find(b"\r\n\r\n")) < 0:
            size = self._receive(buffer)
            if not size or len(data) > MAX_HEAD:
                raise FetchError("unreachable")
            data += buffer[:size]
        return bytes(data[: end + 4]), bytes(data[end + 4 :])

    def _receive(self, buffer: memoryview) -> int:
        silent_at = time.monotonic() + SILENT_SECONDS
        while True:
            try:
                return self._connection.recv_into(buffer)
            except TimeoutError:
                if time.monotonic() > silent_at:
                    raise FetchError("too_slow") from None
            except (OSError, ValueError):
                raise FetchError("unreachable") from None
            self._waiting()


def open_stream(
    url: str,
    *,
    start: int = 0,
    private_origin: str = "",
    resolve: Resolve = resolve_host,
    waiting: Callable[[], None] = lambda: None,
) -> Stream:
    """Ask for a file from position `start` on. Raises FetchError if there is no response.

    `waiting` is called every second while nothing arrives, and may raise. `private_origin` and `resolve` are those of
    `guarded_fetch.fetch`.
    """
    deadline = time.monotonic() + OPEN_SECONDS
    target = parse(url)
    addresses = checked_addresses(target, _LIMITS, exempt_origin(private_origin), resolve, deadline)
    connection = connect(addresses, target.port, deadline)
    problem: FetchError
    try:
        connection = _secured(connection, target, deadline)
        connection.sendall(_request(target, start))
        connection.settimeout(WAKE_SECONDS)
        return Stream(connection, waiting)
    except ssl.SSLCertVerificationError:
        problem = FetchError("tls")
    except (OSError, ValueError, http.client.HTTPException):
        problem = FetchError("unreachable")
    except BaseException:
        connection.close()
        raise
    connection.close()
    # Raised here so that its `__context__` does not hold an exception with the URL.
    raise problem


def _secured(connection: socket.socket, target: Target, deadline: float) -> socket.socket:
    connection.settimeout(left(deadline))
    if target.scheme == "http":
        return connection
    return tls_context().wrap_socket(connection, server_hostname=target.host)


def _request(target: Target, start: int) -> bytes:
    lines = [
        f"GET {target.path} HTTP/1.1",
        f"Host: {target.host_header}",
        f"User-Agent: {USER_AGENT}",
        "Accept: */*",
        "Accept-Encoding: identity",
        "Connection: close",
        *([f"Range: bytes={start}-"] if start else []),
    ]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("ascii")


def _position(response: http.client.HTTPResponse) -> tuple[int | None, int | None]:
    """Return where the body begins in the file, and the size of the whole file."""
    encoded = response.headers.get("content-encoding", "identity").strip().lower() not in ("", "identity")
    if encoded or response.chunked or response.length is None:
        return None, None
    if response.status == 200:
        return 0, response.length
    found = _RANGE.match(response.headers.get("content-range", "").strip())
    if response.status == 206 and found:
        first, last, size = map(int, found.groups())
        if last - first + 1 == response.length and last < size:
            return first, size
    return None, None


def _seconds(text: str) -> float | None:
    text = text.strip()
    return min(float(text), MAX_SECONDS) if text.isascii() and text.isdecimal() else None


class _Head:
    """What `http.client` parses a response from."""

    def __init__(self, head: bytes) -> None:
        self._head = head

    def makefile(self, *mode: Any) -> io.BytesIO:
        return io.BytesIO(self._head)
