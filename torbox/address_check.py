"""Check whether an address at TorBox's CDN still works, without downloading from it.

The guards are those of `guarded_fetch`: only public servers, no redirects, no cookies or credentials.
"""

from __future__ import annotations

import time
from enum import Enum

from torbox.guarded_fetch import (
    FetchError,
    Limits,
    Resolve,
    checked_addresses,
    exempt_origin,
    parse,
    requested,
    resolve_host,
)

SECONDS = 3.0  # in total. A program is waiting for the address
_LIMITS = Limits(max_bytes=0, seconds=SECONDS, redirects=0, allow_http=True)
_NO_HEAD = frozenset({405, 501})


class Check(Enum):
    """What the CDN says about an address. *Silent*: it doesn't say."""

    WORKS = "works"
    BUSY = "busy"  # it limits bursts of connections to one address
    EXPIRED = "expired"
    BROKEN = "broken"  # its server has a fault
    SILENT = "silent"


def check(url: str, *, private_origin: str = "", resolve: Resolve = resolve_host) -> Check:
    """Return what the CDN says about an address. `private_origin` and `resolve` are those of `guarded_fetch.fetch`."""
    deadline = time.monotonic() + SECONDS
    try:
        target = parse(url)
        addresses = checked_addresses(target, _LIMITS, exempt_origin(private_origin), resolve, deadline)
        requested(target, addresses, 0, deadline, method="HEAD")
    except FetchError as error:
        return _meaning(error.status)
    return Check.WORKS


def _meaning(status: int | None) -> Check:
    if status is None or status in _NO_HEAD:
        return Check.SILENT
    if status == 429:
        return Check.BUSY
    if status >= 500:
        return Check.BROKEN
    return Check.EXPIRED if status >= 400 else Check.WORKS
