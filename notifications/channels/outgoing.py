"""Make requests to addresses that people gave, without reaching into the local network.

A name is resolved once, all its addresses must be public, and the connection goes to one of them while TLS still checks
the certificate of the name. Redirects aren't followed, no cookies are kept, and no proxy is used, because it would
resolve the name again. Link-local addresses are refused for everyone, since clouds give out credentials there.
"""

from __future__ import annotations

import http.cookiejar
import logging
import socket
import time
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

import requests
from django.conf import settings
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import HTTPError

from torbox import guarded_fetch
from torbox.guarded_fetch import FetchError, HangUp, Resolve, Target, resolve_host
from torbox.public_addresses import is_local, is_public

from ..models import Trouble
from .answers import Answer, outcome_of
from .message import Outcome

CONNECT_SECONDS, READ_SECONDS, SECONDS = 5.0, 10.0, 20.0  # the last: in total, with lookup and body
MAX_BODY = 64 * 1024  # bytes of an answer that are read
REASONS = {
    "address": Trouble.PRIVATE_ADDRESS,
    "scheme": Trouble.BAD_ADDRESS,
    "tls": Trouble.TLS,
    "too_slow": Trouble.TIMEOUT,
    "unreachable": Trouble.UNREACHABLE,
    "url": Trouble.BAD_ADDRESS,
}


@dataclass(frozen=True)
class Reach:
    """Where requests may go. `private`: into private networks too, and there without TLS."""

    private: bool = False
    resolve: Resolve = resolve_host


PUBLIC = Reach()


_guarded: ContextVar[bool] = ContextVar("guarded", default=False)


class _Silence(logging.Filter):
    """Drops what urllib3 logs about our requests, since it logs whole paths."""

    def filter(self, record: logging.LogRecord) -> bool:
        return not _guarded.get()


for _name in ("urllib3.connectionpool", "urllib3.util.retry", "urllib3.connection"):
    logging.getLogger(_name).addFilter(_Silence())


class NotSent(requests.RequestException):
    """Raised when there is no answer. `trouble` says why, and no attribute contains the address."""

    def __init__(self, trouble: Trouble) -> None:
        super().__init__(str(trouble))
        self.trouble = trouble


def post(
    url: str, data: bytes, headers: dict[str, str], *, reach: Reach = PUBLIC, secrets: tuple[str, ...] = ()
) -> Outcome:
    """Send a POST request, and return what came of it. `secrets` are the parts of the address that must not be shown."""
    with GuardedSession(reach) as session:
        try:
            response = session.post(url, data=data, headers=headers)
        except NotSent as error:
            return outcome_of(error.trouble)
        return outcome_of(answer_in(response), secrets)


def answer_in(response: requests.Response) -> Answer:
    """Return what a service answered, without what it was asked."""
    return Answer(response.status_code, dict(response.headers), response.content)


def check(scheme: str, host: str, port: int, reach: Reach = PUBLIC, seconds: float = CONNECT_SECONDS) -> None:
    """Look up a host, and raise NotSent if no request may go there now."""
    try:
        _checked(Target(scheme, host, port, "/"), reach, time.monotonic() + seconds)
    except FetchError as error:
        raise NotSent(REASONS[error.reason]) from None


def _checked(target: Target, reach: Reach, deadline: float) -> list[str]:
    """Return the addresses to connect to. Raises FetchError if one of them is out of reach."""
    is_secure = target.scheme == "https"
    if not (is_secure or reach.private):
        raise FetchError("scheme")
    addresses = guarded_fetch.resolved(target.host, target.port, deadline, reach.resolve)
    if not all(is_public(one) or (reach.private and is_local(one)) for one in addresses):
        raise FetchError("address")
    if not (is_secure or all(map(is_local, addresses))):
        raise FetchError("scheme")  # the internet would see the secrets
    return addresses


class GuardedSession(requests.Session):
    """A session for one message. All its requests together end within `SECONDS`."""

    def __init__(self, reach: Reach = PUBLIC, seconds: float = SECONDS) -> None:
        super().__init__()
        self.trust_env = False
        self.cookies.set_policy(http.cookiejar.DefaultCookiePolicy(allowed_domains=()))
        self.headers.update({"User-Agent": guarded_fetch.USER_AGENT, "Accept-Encoding": "identity"})
        self._connector = _Connector(reach, time.monotonic() + seconds)
        for scheme in ("http://", "https://"):
            self.mount(scheme, _Adapter(self._connector))

    def request(self, method: Any, url: Any, *args: Any, **options: Any) -> requests.Response:
        """Send a request, whatever options would weaken the guard. Raises NotSent."""
        options |= {
            "allow_redirects": False,
            "cert": None,
            "proxies": {},
            "stream": True,
            "timeout": (CONNECT_SECONDS, READ_SECONDS),
            "verify": guarded_fetch.ca_bundle(),
        }
        before = _guarded.set(True)
        try:
            response = super().request(method, self._address(str(url)), *args, **options)
            if self._connector.hung_up:  # headers that break off look complete
                raise requests.Timeout
            self._read(response)
        except FetchError as error:
            trouble = REASONS[error.reason]
        except (requests.RequestException, OSError, ValueError) as error:
            trouble = self._trouble_of(error)
        else:
            return response
        finally:
            _guarded.reset(before)
        # Raised here so that its `__context__` does not hold an exception with the URL.
        raise NotSent(trouble)

    def resolve_redirects(self, *args: Any, **options: Any) -> Any:
        """Follow none. The inherited method would read the body without a limit."""
        return iter(())

    def close(self) -> None:
        self._connector.close()
        super().close()

    def _address(self, url: str) -> str:
        """Return the URL, or that of a test's server in its place. Raises FetchError."""
        target = guarded_fetch.parse(url)
        origin = f"{target.scheme}://{target.host_header}"
        if origin in settings.NOTIFICATION_ORIGINS:
            replacement = settings.NOTIFICATION_ORIGINS[origin]
            self._connector.exempt = guarded_fetch.parse(replacement).origin
            return replacement + target.path
        return url

    def _read(self, response: requests.Response) -> None:
        """Read the beginning of the body. The status is known, so a body that breaks off does no harm."""
        body = bytearray()
        try:
            while chunk := response.raw.read1(MAX_BODY):
                body += chunk
                if len(body) >= MAX_BODY:
                    break
        except (OSError, ValueError, HTTPError):
            pass
        finally:
            response.close()
        response._content, response._content_consumed = bytes(body[:MAX_BODY]), True  # type: ignore[attr-defined]

    def _trouble_of(self, error: Exception) -> Trouble:
        if self._connector.hung_up or isinstance(error, requests.Timeout | TimeoutError):
            return Trouble.TIMEOUT
        if isinstance(error, requests.exceptions.SSLError):
            return Trouble.TLS
        if isinstance(error, requests.exceptions.ConnectionError | OSError):
            return Trouble.UNREACHABLE
        return Trouble.BAD_ADDRESS


class _Connector:
    """Opens the connections of one session, and hangs them up at its deadline."""

    def __init__(self, reach: Reach, deadline: float) -> None:
        self._reach, self._deadline = reach, deadline
        self._open: list[tuple[socket.socket, HangUp]] = []
        self.exempt: tuple[str, str, int] | None = None

    def connect(self, scheme: str, host: str, port: int) -> socket.socket:
        """Connect to an address that was checked. Raises FetchError."""
        target = Target(scheme, host, port, "/")
        if target.origin == self.exempt:
            addresses = guarded_fetch.resolved(host, port, self._deadline)
        else:
            addresses = _checked(target, self._reach, self._deadline)
        connection = guarded_fetch.connect(addresses, port, self._deadline)
        self._watch(connection)
        return connection

    def _watch(self, connection: socket.socket) -> None:
        """Hang up at the deadline, by a duplicate: TLS takes the socket over."""
        duplicate = connection.dup()
        hang_up = HangUp(duplicate, self._deadline)
        hang_up.__enter__()
        self._open.append((duplicate, hang_up))

    @property
    def hung_up(self) -> bool:
        return any(hang_up.done for _, hang_up in self._open)

    def close(self) -> None:
        while self._open:
            duplicate, hang_up = self._open.pop()
            hang_up.__exit__()
            duplicate.close()


class _Adapter(HTTPAdapter):
    """Makes every connection through a connector."""

    def __init__(self, connector: _Connector) -> None:
        self._connector = connector
        super().__init__(pool_connections=2, pool_maxsize=1)

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        super().init_poolmanager(*args, **options)
        self.poolmanager.pool_classes_by_scheme = _pools(self._connector)


def _pools(connector: _Connector) -> dict[str, type[HTTPConnectionPool]]:
    """Return urllib3's pools with our guarded connections."""

    class Plain(HTTPConnection):
        def _new_conn(self) -> socket.socket:
            return connector.connect("http", self.host, self.port or 80)

    class Secure(HTTPSConnection):
        def _new_conn(self) -> socket.socket:
            return connector.connect("https", self.host, self.port or 443)

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class SecurePool(HTTPSConnectionPool):
        ConnectionCls = Secure

    return {"http": PlainPool, "https": SecurePool}
