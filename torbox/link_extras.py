"""Parts of a magnet link other than hash, name, size, and trackers (BEP 9, 17, 19, 46, 53)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

#: Web seeds, exact sources, acceptable sources, peers, chosen files.
EXTRA_KEYS = ("ws", "xs", "as", "x.pe", "so")
MAX_EACH = 10  # of one key
EXTRA_LIMIT = 2000  # characters of one value
MAX_PORT = 65535

_UNPRINTABLE = re.compile(r"[\s\x00-\x20\x7f-\x9f\ud800-\udfff]")
_PUBLIC_KEY = re.compile(r"urn:btpk:[0-9a-f]{64}", re.IGNORECASE)
_PEER = re.compile(r"(?:[A-Za-z0-9.-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\]):([0-9]{1,5})")
_CHOICE = re.compile(r"[0-9]{1,9}(?:-[0-9]{1,9})?(?:,[0-9]{1,9}(?:-[0-9]{1,9})?)*")


def clean_extras(pairs: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """Return the usable (key, value) pairs in order, without duplicates, at most `MAX_EACH` per key."""
    kept: dict[tuple[str, str], None] = {}
    counts = dict.fromkeys(EXTRA_KEYS, 0)
    for key, raw in pairs:
        value = raw.replace(" ", "%20")  # a URL whose escapes were undone once too often
        if counts[key] < MAX_EACH and (key, value) not in kept and _is_usable(key, value):
            kept[key, value] = None
            counts[key] += 1
    return tuple(kept)


def _is_usable(key: str, value: str) -> bool:
    if len(value) > EXTRA_LIMIT:
        return False
    if key == "so":
        return bool(_CHOICE.fullmatch(value))
    if key == "x.pe":
        peer = _PEER.fullmatch(value)
        return peer is not None and 0 < int(peer[1]) <= MAX_PORT
    return _is_address(value) or (key == "xs" and bool(_PUBLIC_KEY.fullmatch(value)))


def _is_address(value: str) -> bool:
    if _UNPRINTABLE.search(value):
        return False
    try:
        parts = urlsplit(value)
    except ValueError:
        return False
    return parts.scheme in ("http", "https", "ftp") and bool(parts.hostname)
