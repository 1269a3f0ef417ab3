"""One magnet link or bare info hash, in every spelling people paste (BEP 9, BEP 53).

Only v1 hashes count, because TorBox identifies torrents by 40 hex digits (docs/torbox-api.md#quirks). A hybrid link
is read by its v1 part, and a v2-only link is refused.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from urllib.parse import quote, unquote, unquote_plus

from torbox.escapes import without_backslashes, without_entities
from torbox.link_extras import EXTRA_KEYS, clean_extras
from torbox.sanitize import clean_trackers, plain_text
from torbox.skip_reasons import SkipReason, Unusable

MAX_SIZE = 2**63 - 1  # bytes
MAX_LINK = 64_000  # characters of a link as it is stored and sent; a tracker takes about 50
RAW_NAME_LIMIT = 10_000  # characters; a full name with each of its bytes escaped twice

#: Where a magnet begins: plain, or percent-encoded once or twice as inside another address.
START = re.compile(r"magnet(?::|%(?:25)?3a)/{0,3}(?:\?|%(?:25)?3f)", re.IGNORECASE)

_BARE_HASH = re.compile(r"[0-9a-f]{40}|[a-z2-7]{32}", re.IGNORECASE | re.ASCII)
_V1_TOPIC = re.compile(r"urn:btih:([0-9a-f]{40}|[a-z2-7]{32})(?![0-9a-z])", re.IGNORECASE | re.ASCII)
_NUMBERED = re.compile(r"\.[0-9]+\Z")  # tr.1, tr.2; the number has no meaning
_KEYS = frozenset({"xt", "dn", "tr", "xl", *EXTRA_KEYS})
# Zero-width characters, soft hyphen and byte order mark: web pages hide them inside long words.
_INVISIBLE = dict.fromkeys([0x00AD, 0x180E, 0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF])
_WRAPPERS = {'"': '"', "'": "'", "<": ">", "(": ")", "[": "]", "`": "`", "“": "”", "‘": "’", "«": "»"}


class InvalidMagnet(Unusable):
    """Raised for a text that is not a usable magnet link or info hash."""


@dataclass(frozen=True)
class Magnet:
    """A torrent as a magnet link describes it.

    `info_hash`: 40 lowercase hex digits. `size`: bytes, if the link gives it.
    `extras`: (key, value) of web seeds, sources, peers, and chosen files (`link_extras`).
    `left_out`: how many trackers didn't fit into `MAX_LINK`.
    """

    info_hash: str
    name: str = ""
    trackers: tuple[str, ...] = ()
    size: int | None = None
    extras: tuple[tuple[str, str], ...] = ()
    left_out: int = field(default=0, compare=False)

    @property
    def uri(self) -> str:
        """Return the canonical magnet link, from which `parse` makes this magnet again."""
        return _compose(self)


def parse(text: str) -> Magnet:
    """Parse a magnet link, or a bare hash of 40 hex or 32 base32 characters. Raises InvalidMagnet.

    All of `text` is taken as the link, whatever characters are in it. `magnet_scanner` finds where a link in a text ends.
    """
    link = unwrapped(visible(without_backslashes(text)))
    if _BARE_HASH.fullmatch(link):
        return Magnet(hex_hash(link))
    start = START.match(link)
    if start is None:
        raise InvalidMagnet(SkipReason.NOT_A_MAGNET)
    if "%" in start[0]:
        link = unquote(unquote(link) if "%25" in start[0] else link)
        start = START.match(link)
    return _from_query(link[start.end() if start else 0 :])


def build(info_hash: str, name: str = "", trackers: Iterable[str] = ()) -> str:
    """Return a canonical magnet link. Raises InvalidMagnet if `info_hash` isn't an info hash."""
    if not _BARE_HASH.fullmatch(info_hash):
        raise InvalidMagnet(SkipReason.NOT_A_HASH)
    return fitted(Magnet(hex_hash(info_hash), plain_text(name), clean_trackers(trackers))).uri


def visible(text: str) -> str:
    """Return `text` without invisible characters and surrounding whitespace."""
    return text.translate(_INVISIBLE).strip()


def unwrapped(text: str) -> str:
    """Return `text` without the quotes or brackets around it."""
    for _ in range(4):  # a bound, because each step copies the text
        if len(text) < 2 or _WRAPPERS.get(text[0]) != text[-1]:
            break
        text = text[1:-1].strip()
    return text


def hex_hash(spelled: str) -> str:
    """Return 40 lowercase hex digits for a matched hash in hex or base32."""
    if len(spelled) == 40:
        return spelled.lower()
    return binascii.hexlify(base64.b32decode(spelled.upper())).decode()


def fitted(magnet: Magnet) -> Magnet:
    """Return the magnet with as many of its trackers as fit into `MAX_LINK`."""
    room = MAX_LINK - len(_compose(replace(magnet, trackers=())))
    for count, tracker in enumerate(magnet.trackers):
        room -= len(_quoted(tracker)) + len("&tr=")
        if room < 0:
            return replace(magnet, trackers=magnet.trackers[:count], left_out=len(magnet.trackers) - count)
    return magnet


def _from_query(query: str) -> Magnet:
    values = _values(query)
    magnet = Magnet(
        info_hash=_v1_hash(values.get("xt", [])),
        name=_name(values.get("dn", [""])[0]),
        trackers=clean_trackers(_fully_unquoted(value) for value in values.get("tr", [])),
        size=_size(values.get("xl", [""])[0]),
        extras=clean_extras(
            (key, _fully_unquoted(value)) for key in EXTRA_KEYS for value in values.get(key, [])
        ),
    )
    return fitted(magnet)


def _values(query: str) -> dict[str, list[str]]:
    """Return raw values by lowercase key; `xt.1` counts as `xt`. A part without `=` continues the name before it."""
    values: dict[str, list[str]] = {}
    last = ""
    for pair in without_entities(query).split("&"):
        key, equals, value = pair.partition("=")
        if not equals and last == "dn":
            values["dn"][-1] += f"&{pair}"
            continue
        last = _NUMBERED.sub("", key.strip().lower())
        if last in _KEYS:
            values.setdefault(last, []).append(value if last == "dn" else value.strip())
    return values


def _v1_hash(topics: list[str]) -> str:
    spelled = [_fully_unquoted(topic).strip() for topic in topics]
    for topic in spelled:
        if found := _V1_TOPIC.match(topic):
            return hex_hash(found[1])
    if any(topic.lower().startswith("urn:btmh:") for topic in spelled):
        raise InvalidMagnet(SkipReason.V2_ONLY_MAGNET)
    if any(topic.lower().startswith("urn:btih:") for topic in spelled):
        raise InvalidMagnet(SkipReason.INCOMPLETE_HASH)
    raise InvalidMagnet(SkipReason.NO_HASH)


def _name(raw: str) -> str:
    once = unquote_plus(raw[:RAW_NAME_LIMIT])
    # Escapes left over in a text that needed none were escaped twice: "Big%2520Buck" means "Big Buck".
    twice = re.fullmatch(r"(?:[\w.~!$'()*+,;:@/-]|%[0-9a-fA-F]{2})+", once) and "%" in once
    return plain_text(unquote_plus(once) if twice else once)


def _fully_unquoted(raw: str) -> str:
    """Unquote a value once, and again if its colon is still escaped."""
    once = unquote(raw)
    return unquote(once) if re.match(r"[a-z]{2,5}%3a", once, re.IGNORECASE) else once


def _size(raw: str) -> int | None:
    if not re.fullmatch(r"[0-9]{1,19}", raw):
        return None
    size = int(raw)
    return size if size <= MAX_SIZE else None


def _compose(magnet: Magnet) -> str:
    parts = [f"xt=urn:btih:{magnet.info_hash}"]
    if magnet.name:
        parts.append("dn=" + _quoted(magnet.name))
    if magnet.size is not None:
        parts.append(f"xl={magnet.size}")
    parts += ["tr=" + _quoted(tracker) for tracker in magnet.trackers]
    parts += [f"{key}={_quoted(value, safe=':[],')}" for key, value in magnet.extras]
    return "magnet:?" + "&".join(parts)


def _quoted(text: str, safe: str = "") -> str:
    return quote(text, safe=safe, errors="replace")
