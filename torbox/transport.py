"""HTTP with TorBox: one pooled session, bounded in time and memory, and silent about the API key."""

from __future__ import annotations

import contextlib
import logging
import random
import re
import ssl
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import quote, urlsplit

import requests
from requests.auth import AuthBase
from requests.exceptions import BaseHTTPError  # type: ignore[attr-defined]  # urllib3's own root

from torbox.answers import Answer, Envelope, Hide, unwrap, unwrap_bytes
from torbox.errors import AuthError, Malformed, TooLarge, TorBoxError, Unavailable, Unreachable

MAX_ANSWER = 64 * 1024 * 1024  # bytes, after decompression
BODY_DEADLINE = 60.0  # seconds for a whole body, however steadily it drips
BACKOFF = 0.2  # seconds before the first retry; doubles
GATEWAY_STATUSES = frozenset({502, 503, 504})
MIN_SECRET = 8  # characters; TorBox's keys have 36
USER_AGENT = "TorBoxWeb"
_CHUNK = 64 * 1024

Result = TypeVar("Result")
#: Entered around every single call with the endpoint's name; it may refuse by raising a TorBoxError.
Gate = Callable[[str], AbstractContextManager[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request. It never holds the API key: `key_in_query` makes the transport add it at the end.

    `safe`: reading only, may be sent again. `patience`: seconds TorBox itself may take to answer.
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

    @property
    def endpoint(self) -> str:
        """The last part of the path, as in docs/torbox-api.md#limits: TorBox counts calls by it."""
        return self.path.rpartition("/")[2]


class HideTokens(logging.Filter):
    """Blanks `token=…` in log records: urllib3 logs whole paths, and requestdl has the key in its query."""

    def filter(self, record: logging.LogRecord) -> bool:
        message = record.getMessage()
        if "token=" in message:
            record.msg, record.args = re.sub(r"token=[^&\s\"']*", "token=[hidden]", message), ()
        return True


# One instance, so that adding it again for each transport changes nothing.
_HIDE_TOKENS = HideTokens()
_URLLIB3_LOGGERS = ("urllib3.connectionpool", "urllib3.util.retry", "urllib3.connection")


class _Bearer(AuthBase):
    """The Authorization header. As `session.auth` it also keeps a .netrc entry from replacing it."""

    def __init__(self, key: str) -> None:
        self._key = key

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._key}"
        return request


def no_credentials(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """As `auth` it keeps .netrc out as well."""
    return request


class Transport:
    """Sends calls and returns data or raises a TorBoxError; nothing else comes out.

    `timeout`: seconds to connect, and to wait for each next part of the answer.
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
        # Only gzip is decoded below, so only gzip is asked for.
        self._session.headers.update({"User-Agent": user_agent, "Accept": "*/*", "Accept-Encoding": "gzip"})
        for name in _URLLIB3_LOGGERS:
            logging.getLogger(name).addFilter(_HIDE_TOKENS)

    def __repr__(self) -> str:
        return f"Transport({self._base!r})"

    def close(self) -> None:
        self._session.close()

    def fetch(self, call: Call) -> Envelope:
        """The envelope of a successful answer; safe calls are tried again after short outages.

        What has used up its time is not: the next attempt would be as slow.
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
        """The body of an answer that is a file."""
        return self._attempt(call, unwrap_bytes)

    def _attempt(self, call: Call, read: Callable[[Answer, Hide], Result]) -> Result:
        with self._gate(call.endpoint):
            return read(self._send(call), self.hide)

    def download(self, link: str, most: int) -> bytes:
        """The first `most` bytes behind a link to TorBox's CDN, fetched without the key."""
        problem: TorBoxError
        try:
            with requests.get(link, timeout=self._timeout, stream=True, auth=no_credentials) as response:
                response.raise_for_status()
                return read_body(response, self._body_deadline, most)
        except (requests.RequestException, BaseHTTPError, OSError) as error:
            problem = _unreachable(error)
        raise problem

    def hide(self, text: str) -> str:
        """`text` without the API key, should TorBox repeat it to us.

        What is shorter than MIN_SECRET is no secret, and blanking it would tear words apart.
        """
        if len(self._key) < MIN_SECRET:
            return text
        return text.replace(self._key, "[key]").replace(quote(self._key, safe=""), "[key]")

    def _send(self, call: Call) -> Answer:
        problem: TorBoxError
        try:
            return self._exchange(call)
        except (requests.RequestException, BaseHTTPError, OSError) as error:
            problem = _unreachable(error)
        # Raised out here so that no `__context__` leads back to an exception that carries the URL.
        raise problem

    def _exchange(self, call: Call) -> Answer:
        connect, read = self._timeout
        patience = max(read, call.patience)
        with self._session.request(
            call.method,
            self._base + call.path,
            params=call.query | ({"token": self._key} if call.key_in_query else {}),
            json=call.json,
            data=call.form,
            files=_multipart(call.upload),
            timeout=(connect, patience),
            stream=True,
            # A redirect could carry the Bearer header or a POST to somewhere else.
            allow_redirects=False,
        ) as response:
            return Answer(response.status_code, response.headers, read_body(response, self._body_deadline))


def checked_base(base_url: str) -> str:
    parts = urlsplit(base_url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise ValueError("The TorBox address must look like https://api.torbox.app.")
    return base_url.rstrip("/")


def _checked_key(api_key: str) -> str:
    # Checked here because the HTTP library would put a key it cannot send into its error message.
    key = api_key.strip()
    if not re.fullmatch(r"[\x21-\x7e]{1,500}", key):
        raise AuthError("The API key is empty or has characters that no key has.")
    return key


def _multipart(upload: bytes | None) -> dict[str, tuple[str, bytes, str]] | None:
    if upload is None:
        return None
    return {"file": ("upload.torrent", upload, "application/x-bittorrent")}


def _worth_retrying(error: Unavailable) -> bool:
    return isinstance(error, Unreachable) or (error.status in GATEWAY_STATUSES and error.code is None)


def read_body(response: requests.Response, seconds: float, most: int | None = None) -> bytes:
    """The whole decoded body, within MAX_ANSWER and `seconds`, or no more than `most` bytes of it.

    Raises Malformed or Unreachable.
    """
    decoder = _decoder(response.headers.get("content-encoding", ""))
    body = bytearray()
    for chunk in _chunks(response, seconds):
        if most is not None and len(body) + len(chunk) > most:
            return bytes(body + chunk)[:most]
        body += _decoded(decoder, chunk, MAX_ANSWER + 1 - len(body)) if decoder else chunk
        if len(body) > MAX_ANSWER:
            raise TooLarge.at("body", "is larger than any real answer")
    if decoder and not decoder.eof:
        raise Malformed.at("body", "ends early")
    return bytes(body)


def _chunks(response: requests.Response, seconds: float) -> Iterator[bytes]:
    """Raw parts as they arrive: `read1` returns after one receive, so that the deadline is looked at."""
    deadline = time.monotonic() + seconds
    while chunk := response.raw.read1(_CHUNK, decode_content=False):
        yield chunk
        if time.monotonic() > deadline:
            raise Unreachable("TorBox did not finish its answer in time.", maybe_done=True)


def _decoded(decoder: Any, chunk: bytes, room: int) -> bytes:
    """At most `room` bytes: an answer that unpacks into gigabytes is stopped while unpacking."""
    with contextlib.suppress(zlib.error):
        unpacked: bytes = decoder.decompress(chunk, room)
        return unpacked
    raise Malformed.at("body", "is not the gzip it claims to be")


def _decoder(encoding: str) -> Any:
    name = encoding.strip().lower()
    if name in ("", "identity"):
        return None
    if name in ("gzip", "x-gzip"):
        return zlib.decompressobj(wbits=31)
    raise Malformed.at("content-encoding", "is one nobody asked for")


def _unreachable(error: Exception) -> Unreachable:
    if _never_connected(error):
        return Unreachable("TorBox could not be reached.", maybe_done=False)
    return Unreachable("TorBox did not answer.", maybe_done=True)


def _never_connected(error: Exception) -> bool:
    """Whether the request cannot have left this machine.

    requests wraps urllib3's "retries used up", which has a `reason`, around failures to connect;
    a connection that broke later comes without one.
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
