"""Fetch a file from an untrusted URL without reaching into the local network.

A name is resolved once, all its addresses must be public, and the connection goes to one of them while TLS still checks
the certificate of the name. Redirects are followed one by one and checked in the same way. No cookies and no credentials
are sent. No proxy is used, because it would resolve the name again.
"""

from __future__ import annotations

import contextlib
import http.client
import os
import socket
import ssl
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urljoin, urlsplit

from requests.utils import DEFAULT_CA_BUNDLE_PATH, requote_uri

from torbox.public_addresses import is_private_name, is_public

MAX_URL = 8192  # characters; browsers and proxies take no more
REDIRECTS = frozenset({301, 302, 303, 307, 308})
CONNECT_SECONDS = 5.0  # per address
PORTS = {"http": 80, "https": 443}
USER_AGENT = "TorBoxWeb"
_CHUNK = 64 * 1024

#: The addresses of a host and port, as text. Raises OSError when there are none.
Resolve = Callable[[str, int], list[str]]


class FetchError(Exception):
    """Raised when a file can't be fetched. `reason` is a code, and no attribute contains the URL.

    `url`: not a plain web address. `scheme`: http where only https is allowed. `address`: not public. `redirects`: too
    many, or from https to http. `too_large` and `too_slow`: beyond the limits. `tls`: an invalid certificate. `status`:
    not 200, see the attribute `status`. `unreachable`: no response, or an incomplete one.
    """

    def __init__(self, reason: str, status: int | None = None) -> None:
        super().__init__(reason if status is None else f"{reason} {status}")
        self.reason, self.status = reason, status


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The limits of a fetch: `max_bytes` of the body, and `seconds` in total, with lookups and redirects."""

    max_bytes: int
    seconds: float
    redirects: int = 3
    allow_http: bool = False


@dataclass(frozen=True, slots=True)
class Target:
    """The target of one request. `path` includes the query."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def origin(self) -> tuple[str, str, int]:
        return self.scheme, self.host, self.port

    @property
    def host_header(self) -> str:
        name = f"[{self.host}]" if ":" in self.host else self.host
        return name if self.port == PORTS[self.scheme] else f"{name}:{self.port}"


def resolve_host(host: str, port: int) -> list[str]:
    """Return the addresses of a host in the system's order, each once. Raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def fetch(url: str, limits: Limits, *, private_origin: str = "", resolve: Resolve = resolve_host) -> bytes:
    """Return the body behind `url`. Raises FetchError.

    `private_origin`: a URL like http://127.0.0.1:8765 whose scheme, host, and port are exempt from the checks. It
    applies only if the spelling of its host is local, as with a simulated TorBox. A public name is never exempt.
    """
    deadline = time.monotonic() + limits.seconds
    exempt = exempt_origin(private_origin)
    for _ in range(limits.redirects + 1):
        target = parse(url)
        addresses = checked_addresses(target, limits, exempt, resolve, deadline)
        answer = requested(target, addresses, limits.max_bytes, deadline)
        if isinstance(answer, bytes):
            return answer
        url = _redirected(url, answer)
    raise FetchError("redirects")


def parse(url: str) -> Target:
    """Parse a web address. Raises FetchError with the reason `url`."""
    plain = len(url) <= MAX_URL and url.isprintable() and not set(url) & set(" \\")
    try:
        parts = urlsplit(url if plain else "")
        host = (parts.hostname or "").encode("idna").decode().lower()
        port = PORTS[parts.scheme] if parts.port is None else parts.port
    except (ValueError, KeyError):
        host, port = "", 0
    # A user name and password would have to be sent or dropped, and neither is safe.
    if not host or not port or "@" in parts.netloc or "%" in host:
        raise FetchError("url")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(parts.scheme, host, port, requote_uri(path))


def exempt_origin(address: str) -> tuple[str, str, int] | None:
    if not address:
        return None
    with contextlib.suppress(FetchError):
        target = parse(address)
        return target.origin if is_private_name(target.host) else None
    return None


def checked_addresses(
    target: Target,
    limits: Limits,
    exempt: tuple[str, str, int] | None,
    resolve: Resolve,
    deadline: float,
) -> list[str]:
    """Return the addresses to connect to. Raises FetchError if one of them is not public."""
    trusted = target.origin == exempt
    if target.scheme == "http" and not (limits.allow_http or trusted):
        raise FetchError("scheme")
    addresses = resolved(target.host, target.port, deadline, resolve)
    if not trusted and not all(map(is_public, addresses)):
        raise FetchError("address")
    return addresses


def resolved(host: str, port: int, deadline: float, resolve: Resolve = resolve_host) -> list[str]:
    """Resolve a host in a separate thread, because the system's resolver has no time limit. Raises FetchError."""
    found: list[str] = []

    def look_up() -> None:
        with contextlib.suppress(OSError, UnicodeError):
            found.extend(resolve(host, port))

    thread = threading.Thread(target=look_up, daemon=True)
    thread.start()
    thread.join(left(deadline))
    if thread.is_alive():
        raise FetchError("too_slow")
    if not found:
        raise FetchError("unreachable")
    return found


def left(deadline: float) -> float:
    """Return the seconds until a deadline. Raises FetchError after it."""
    seconds = deadline - time.monotonic()
    if seconds <= 0:
        raise FetchError("too_slow")
    return seconds


def requested(
    target: Target, addresses: list[str], max_bytes: int, deadline: float, method: str = "GET"
) -> bytes | str:
    """Return the body, or the location of a redirect. Raises FetchError."""
    answer: bytes | str | FetchError
    with _connected(target, addresses, deadline) as connection, HangUp(connection, deadline) as hang_up:
        try:
            answer = _exchange(connection, target, method, max_bytes, left(deadline))
        except ssl.SSLCertVerificationError:
            answer = FetchError("tls")
        except TimeoutError:
            answer = FetchError("too_slow")
        except (OSError, http.client.HTTPException, ValueError):
            answer = FetchError("unreachable")
    if hang_up.done:  # the result may look complete, as a body that ends where we hung up
        raise FetchError("too_slow")
    if isinstance(answer, FetchError):
        # Raised here so that its `__context__` does not hold an exception with the URL.
        raise answer
    return answer


def _connected(target: Target, addresses: list[str], deadline: float) -> socket.socket:
    """Connect to the first address that responds, without the TLS handshake."""
    context = tls_context() if target.scheme == "https" else None
    plain = connect(addresses, target.port, deadline)
    if context is None:
        return plain
    with contextlib.suppress(OSError, ValueError):  # no certificate can have such a name
        return context.wrap_socket(plain, server_hostname=target.host, do_handshake_on_connect=False)
    raise FetchError("unreachable")


def connect(addresses: list[str], port: int, deadline: float) -> socket.socket:
    """Connect to the first IP address that responds. Raises FetchError."""
    for address in addresses:
        seconds = min(CONNECT_SECONDS, left(deadline))
        with contextlib.suppress(OSError, ValueError):
            return socket.create_connection((address, port), timeout=seconds)
    left(deadline)
    raise FetchError("unreachable")


def ca_bundle() -> str:
    """Return the file or folder of trusted certificates: those of requests, or those named by the environment."""
    return os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE") or DEFAULT_CA_BUNDLE_PATH


def tls_context() -> ssl.SSLContext:
    """Return a context that trusts the same certificates as calls to TorBox. Raises FetchError."""
    bundle = ca_bundle()
    with contextlib.suppress(OSError):
        if Path(bundle).is_dir():
            return ssl.create_default_context(capath=bundle)
        return ssl.create_default_context(cafile=bundle)
    raise FetchError("tls")


class HangUp:
    """Closes the connection at the deadline. With a timeout per receive only, a slow body could take forever."""

    def __init__(self, connection: socket.socket, deadline: float) -> None:
        self._connection, self.done = connection, False
        self._timer = threading.Timer(left(deadline), self._now)
        self._timer.daemon = True

    def _now(self) -> None:
        self.done = True
        with contextlib.suppress(OSError):
            # The method of SSLSocket would continue in plain text.
            socket.socket.shutdown(self._connection, socket.SHUT_RDWR)

    def __enter__(self) -> HangUp:
        self._timer.start()
        return self

    def __exit__(self, *problem: object) -> None:
        self._timer.cancel()


def _exchange(
    connection: socket.socket, target: Target, method: str, max_bytes: int, seconds: float
) -> bytes | str:
    connection.settimeout(seconds)
    if isinstance(connection, ssl.SSLSocket):
        connection.do_handshake()
    http_connection = http.client.HTTPConnection(target.host, target.port)
    http_connection.sock = connection
    headers = {
        "Host": target.host_header, "User-Agent": USER_AGENT, "Accept": "*/*", "Accept-Encoding": "identity",
        "Connection": "close",
    }  # fmt: skip
    http_connection.request(method, target.path, headers=headers)
    with http_connection.getresponse() as response:
        if response.status in REDIRECTS:
            # Headers arrive as Latin-1, whatever they were written in.
            return (
                response.headers.get("location", "").encode("latin-1", "replace").decode("utf-8", "replace")
            )
        if response.status != 200:
            raise FetchError("status", response.status)
        return _body(response, max_bytes)


def _body(response: http.client.HTTPResponse, max_bytes: int) -> bytes:
    if response.headers.get("content-encoding", "identity").strip().lower() not in ("", "identity"):
        raise http.client.HTTPException("an encoding that was not asked for")
    if (response.length or 0) > max_bytes:
        raise FetchError("too_large")
    body = bytearray()
    while chunk := response.read1(_CHUNK):
        body += chunk
        if len(body) > max_bytes:
            raise FetchError("too_large")
    if response.length:
        raise http.client.IncompleteRead(b"", response.length)
    return bytes(body)


def _redirected(url: str, location: str) -> str:
    """Return the next URL. Raises FetchError if it leads from https to http."""
    try:
        following = urljoin(url, location) if location else ""
    except ValueError:
        following = ""
    if url.lower().startswith("https:") and not following.lower().startswith("https:"):
        raise FetchError("redirects")
    return following
