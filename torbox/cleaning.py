"""Making text from elsewhere harmless: names, sentences and tracker addresses, bounded and printable."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

NAME_LIMIT = 500
TRACKER_LIMIT = 500
MAX_TRACKERS = 50
TRACKER_SCHEMES = frozenset({"udp", "http", "https", "ws", "wss"})

# Lone surrogates cannot be stored as UTF-8, NUL not in PostgreSQL; the C0 and C1 ranges garble terminals.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_BREAKS = re.compile("[\t\n\r\u2028\u2029]+")


def plain_text(text: str, limit: int = NAME_LIMIT) -> str:
    """One line without control characters, cut at `limit` characters.

    Directional marks stay: they belong to real names, and isolating them is the display's work.
    """
    if len(text) <= limit and text.isprintable():  # nearly all: nothing to clean
        return text.strip()
    head = text[: limit * 4]  # a bound on the work; four times, since cleaning only ever shortens
    return _UNPRINTABLE.sub("", _BREAKS.sub(" ", head)).strip()[:limit].rstrip()


def clean_trackers(addresses: Iterable[str]) -> tuple[str, ...]:
    """The usable addresses in their order, once each, at most `MAX_TRACKERS`."""
    kept: dict[str, None] = {}
    for address in addresses:
        if len(kept) == MAX_TRACKERS:
            break
        if _is_tracker(address):
            kept[address] = None
    return tuple(kept)


def _is_tracker(address: str) -> bool:
    if len(address) > TRACKER_LIMIT or re.search(r"[\s\x00-\x20\x7f-\x9f\ud800-\udfff]", address):
        return False
    try:
        parts = urlsplit(address)
    except ValueError:  # an unclosed "[" of an IPv6 address
        return False
    return parts.scheme in TRACKER_SCHEMES and bool(parts.netloc)
