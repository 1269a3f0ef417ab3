"""Make untrusted names, messages, and tracker URLs printable and limit their length."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

NAME_LIMIT = 500
TRACKER_LIMIT = 500
MAX_TRACKERS = 5000  # a bound on the work; magnets.MAX_LINK limits how many are kept
TRACKER_SCHEMES = frozenset({"udp", "http", "https", "ws", "wss"})

# UTF-8 can't encode lone surrogates, PostgreSQL can't store NUL, and the C0 and C1 ranges garble terminals.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_BREAKS = re.compile("[\t\n\r\u2028\u2029]+")
# Characters that change the direction of text, join it, or are invisible.
_INVISIBLE = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u2800\u3164"
    "\ue000-\uf8ff\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U000e0fff\U000f0000-\U0010ffff"
)
_BLANK = re.compile(rf"[\s{_INVISIBLE}]*")
_SENTENCE_INVISIBLE = re.compile("[\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]")


def plain_text(text: str, limit: int = NAME_LIMIT) -> str:
    """Return one line without control characters, cut at `limit` characters.

    Directional marks stay, because real names contain them. The page isolates them with `<bdi>`.
    """
    if len(text) <= limit and text.isprintable():  # most texts need no cleaning
        return text.strip()
    head = text[: limit * 4]  # a bound on the work; four times, because cleaning shortens the text
    return _UNPRINTABLE.sub("", _BREAKS.sub(" ", head)).strip()[:limit].rstrip()


def is_blank(text: str) -> bool:
    """Return whether a text has no visible characters, only spaces, joiners, fillers, and the like."""
    if text.isascii():
        return not text or text.isspace()
    return _BLANK.fullmatch(text) is not None


def sentence(text: str, limit: int) -> str:
    """Return `plain_text` without characters that change its direction, for text that people only read."""
    cleaned = plain_text(text, limit)
    return cleaned if cleaned.isprintable() else _SENTENCE_INVISIBLE.sub("", cleaned).strip()


def clean_trackers(addresses: Iterable[str]) -> tuple[str, ...]:
    """Return the usable URLs in order, without duplicates, at most `MAX_TRACKERS`."""
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
