"""Read response bodies within limits of time and memory."""

from __future__ import annotations

import contextlib
import time
import zlib
from collections.abc import Iterator
from typing import Any

import requests

from torbox.errors import Malformed, Reason, TooLarge, Unreachable

MAX_ANSWER = 64 * 1024 * 1024  # bytes, after decompression
_CHUNK = 64 * 1024


def read_body(response: requests.Response, seconds: float) -> bytes:
    """Return the whole decoded body, at most MAX_ANSWER bytes, within `seconds`. Raises Malformed and Unreachable."""
    decoder = _decoder(response.headers.get("content-encoding", ""))
    body = bytearray()
    for chunk in _chunks(response, seconds):
        body += _decoded(decoder, chunk, MAX_ANSWER + 1 - len(body)) if decoder else chunk
        if len(body) > MAX_ANSWER:
            raise TooLarge.at("body", "is larger than any real response")
    if decoder and not decoder.eof:
        raise Malformed.at("body", "ends early")
    return bytes(body)


def _chunks(response: requests.Response, seconds: float) -> Iterator[bytes]:
    """Yield raw parts as they arrive. `read1` returns after one receive, so the deadline is checked between them."""
    deadline = time.monotonic() + seconds
    while chunk := response.raw.read1(_CHUNK, decode_content=False):
        yield chunk
        if time.monotonic() > deadline:
            raise Unreachable(maybe_done=True, reason=Reason.TIMEOUT)


def _decoded(decoder: Any, chunk: bytes, room: int) -> bytes:
    """Decompress at most `room` bytes, so that a body that expands to gigabytes is stopped early."""
    with contextlib.suppress(zlib.error):
        unpacked: bytes = decoder.decompress(chunk, room)
        return unpacked
    raise Malformed.at("body", "is not valid gzip")


def _decoder(encoding: str) -> Any:
    name = encoding.strip().lower()
    if name in ("", "identity"):
        return None
    if name in ("gzip", "x-gzip"):
        return zlib.decompressobj(wbits=31)
    raise Malformed.at("content-encoding", "was not asked for")
