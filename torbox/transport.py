"""Send requests to TorBox through one pooled session, within limits, without ever revealing the API key."""

from __future__ import annotations

import logging
import random
import re
import ssl
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import TypeVar
from urllib.parse import quote, urlsplit

import requests
from requests.auth import AuthBase
from requests.exceptions import BaseHTTPError  # type: ignore[attr-defined]  # urllib3's own root

from torbox.answer_body import read_body
from torbox.answers import Answer, Envelope, Hide, unwrap, unwrap_bytes
from torbox.boot_clock import boot_clock
from torbox.errors import (
    AuthError,
    Malformed,
    NotSent,
    TooLarge,
    TorBoxError,
    Unavailable,
    Unreachable,
)
from torbox.failure_reasons import reason_of
from torbox.guarded_fetch import FetchError, Limits, fetch

BODY_DEADLINE = 60.0  # seconds for a whole body, even if bytes keep arriving
BACKOFF = 0.2  # seconds before the first retry, doubled for each further one
GATEWAY_STATUSES = frozenset({502, 503, 504})
MIN_SECRET = 8  # characters; TorBox's keys have 36
USER_AGENT = "TorBoxWeb"

Result = TypeVar("Result")
#: Entered around each call with the endpoint's name. It may refuse a call by raising a TorBoxError.
Gate = Callable[[str], AbstractContextManager[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request. It never holds the API key: with `key_in_query` the transport adds it last.

    `safe`: it only reads, so it may be sent again. `patience`: seconds that TorBox may take to answer.
    `not_after`: a time of `boot_clock` after which the request is no longer sent.
    """

    method: str
    path: str
    query: dict[str, str] = field(default_factory=dict)
    json: object = None
    form: dict[str, str] | None = None
    upload: bytes | None = field(default=None, repr=False)
    safe: bool = False
    key_in_query: bool = False
    patience: float = 0.0
    not_after: float | None = None

    @property
    def endpoint(self) -> str:
        """Return the last part of the path, by which TorBox counts calls (docs/torbox-api.md#limits)."""
        return self.path.rpartition("/")[2]


class HideTokens(logging.Filter):
    """Hide `token=…` in log records, because urllib3 logs whole paths and requestdl has the key in its query."""

    def filter(self, record: logging.LogRecord) -> bool:
        message = record.getMessage()
        if "token=" in message:
            record.msg, record.args = re.sub(r"token=[^&\s\"']*", "token=[hidden]", message), ()
        return True


# With one instance, adding the filter again for each transport has no effect.
_HIDE_TOKENS = HideTokens()
_URLLIB3_LOGGERS = ("urllib3.connectionpool", "urllib3.util.retry", "urllib3.connection")


class _Bearer(AuthBase):
    """The Authorization header. As `session.auth`, it keeps requests from using a .netrc entry instead."""

    def __init__(self, key: str) -> None:
        self._key = key

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._key}"
        return request


def no_credentials(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Return the request unchanged. As `auth`, this keeps requests from using a .netrc entry."""
    return request


class Transport:
    """Sends calls, and returns data or raises a TorBoxError. Raises NotSent for a call whose time is over.

    `timeout`: seconds to connect, and to wait for each further part of the response.
    """

    def __init__(
        self,
        *,
        base_url: str,
        api_key: str,
        timeout: tuple[float, float],
        user_agent: str,
        retries: int,
        body_deadline: float = BODY_DEADLINE,
        gate: Gate | None = None,
    ) -> None:
        self._gate: Gate = gate or (lambda endpoint: nullcontext())
        self._base = checked_base(base_url) + "/v1/api/"
        self._key = _checked_key(api_key)
        self._timeout = timeout
        self._retries = max(0, retries)
        self._body_deadline = body_deadline
        self._session = requests.Session()
        self._session.auth = _Bearer(self._key)
        # `read_body` decodes only gzip.
        self._session.headers.update({"User-Agent": user_agent, "Accept": "*/*", "Accept-Encoding": "gzip"})
        for name in _URLLIB3_LOGGERS:
            logging.getLogger(name).addFilter(_HIDE_TOKENS)

    def __repr__(self) -> str:
        return f"Transport({self._base!r})"

    def close(self) -> None:
        self._session.close()

    def fetch(self, call: Call) -> Envelope:
        """Return the envelope of a successful response. Retry safe calls after short outages.

        A call that used up its time is not retried, because the next attempt would take as long.
        """
        for attempt in range(self._retries if call.safe else 0):
            started = time.monotonic()
            try:
                return self._attempt(call, unwrap)
            except Unavailable as error:
                if not _worth_retrying(error) or time.monotonic() - started > self._timeout[1]:
                    raise
            time.sleep(BACKOFF * 2**attempt * random.uniform(0.5, 1.5))
        return self._attempt(call, unwrap)

    def fetch_bytes(self, call: Call) -> bytes:
        """Return the body of a response that is a file."""
        return self._attempt(call, unwrap_bytes)

    def _attempt(self, call: Call, read: Callable[[Answer, Hide], Result]) -> Result:
        with self._gate(call.endpoint):
            return read(self._send(call), self.hide)

    def download(self, link: str, max_bytes: int) -> bytes:
        """Return the body behind a link to TorBox's CDN, fetched without the key and without a proxy.

        Raises TooLarge, Malformed for a link into the local network, and Unreachable.
        """
        limits = Limits(max_bytes=max_bytes, seconds=self._body_deadline)
        problem: TorBoxError
        try:
            return fetch(link, limits, private_origin=self._base)
        except FetchError as error:
            problem = _download_problem(error.reason)
        raise problem

    def hide(self, text: str) -> str:
        """Return `text` without the API key, in case TorBox repeats it.

        A key shorter than MIN_SECRET is not hidden: it is no real key, and hiding it would break up other words.
        """
        if len(self._key) < MIN_SECRET:
            return text
        return text.replace(self._key, "[key]").replace(quote(self._key, safe=""), "[key]")

    def _send(self, call: Call) -> Answer:
        problem: TorBoxError
        try:
            return self._exchange(call)
        except (requests.RequestException, BaseHTTPError, OSError) as error:
            problem = unreachable(error)
        # Raised here so that its `__context__` does not hold an exception with the URL.
        raise problem

    def _exchange(self, call: Call) -> Answer:
        connect, read = self._timeout
        if call.not_after is not None and boot_clock() > call.not_after:
            raise NotSent
        with self._session.request(
            call.method,
            self._base + call.path,
            params=call.query | ({"token": self._key} if call.key_in_query else {}),
            json=call.json,
            data=call.form,
            files=_multipart(call.upload),
            timeout=(connect, max(read, call.patience)),
            stream=True,
            # A redirect could send the Bearer header or a POST to another host.
            allow_redirects=False,
        ) as response:
            return Answer(response.status_code, response.headers, read_body(response, self._body_deadline))


def checked_base(base_url: str) -> str:
    parts = urlsplit(base_url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise ValueError("The TorBox address must look like https://api.torbox.app.")
    return base_url.rstrip("/")


def _checked_key(api_key: str) -> str:
    # The HTTP library would repeat a key that it can't send in its error message.
    key = api_key.strip()
    if not re.fullmatch(r"[\x21-\x7e]{1,500}", key):
        raise AuthError(note="The API key is empty or has characters that no key has.")
    return key


def _multipart(upload: bytes | None) -> dict[str, tuple[str, bytes, str]] | None:
    if upload is None:
        return None
    return {"file": ("upload.torrent", upload, "application/x-bittorrent")}


def _worth_retrying(error: Unavailable) -> bool:
    return isinstance(error, Unreachable) or (error.status in GATEWAY_STATUSES and error.code is None)


def _download_problem(reason: str) -> TorBoxError:
    if reason == "too_large":
        return TooLarge.at("body", "is larger than any .torrent file")
    if reason in ("url", "scheme", "address", "redirects"):
        return Malformed.at("data", "is not a link to a public https address")
    return Unreachable(maybe_done=True)


def unreachable(error: Exception) -> Unreachable:
    """Return the error for a request that got no response, with its reason."""
    return Unreachable(maybe_done=not _never_connected(error), reason=reason_of(error))


def _never_connected(error: Exception) -> bool:
    """Return whether the request can't have left this machine.

    For failures to connect, requests wraps urllib3's MaxRetryError, which has a `reason`. The error of a connection
    that broke later has none.
    """
    if isinstance(error, requests.exceptions.SSLError):
        return _is_bad_certificate(error)
    if isinstance(error, requests.ConnectTimeout | requests.exceptions.ProxyError):
        return True
    if isinstance(error, requests.ConnectionError):
        return hasattr(error.args[0] if error.args else None, "reason")
    return isinstance(error, requests.exceptions.InvalidURL | requests.exceptions.InvalidProxyURL)


def _is_bad_certificate(error: requests.exceptions.SSLError) -> bool:
    reason = getattr(error.args[0] if error.args else None, "reason", None)
    return any(isinstance(part, ssl.SSLCertVerificationError) for part in getattr(reason, "args", ()))
