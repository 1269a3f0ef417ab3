"""One magnet link or bare info hash, in every spelling people paste (BEP 9, BEP 53).

Only v1 hashes count: TorBox knows torrents by 40 hex digits (docs/torbox-api.md#quirks). A hybrid link
is read by its v1 part; a v2-only link is refused with a sentence.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import quote, unquote, unquote_plus

from torbox.cleaning import clean_trackers, plain_text

MAX_SIZE = 2**63 - 1  # bytes
RAW_NAME_LIMIT = 10_000  # characters; a full name with each of its bytes escaped twice

#: Where a magnet begins: plain, or percent-encoded once or twice as inside another address.
START = re.compile(r"magnet(?::|%(?:25)?3a)(?://)?(?:\?|%(?:25)?3f)", re.IGNORECASE)

_BARE_HASH = re.compile(r"[0-9a-f]{40}|[a-z2-7]{32}", re.IGNORECASE | re.ASCII)
_V1_TOPIC = re.compile(r"urn:btih:([0-9a-f]{40}|[a-z2-7]{32})(?![0-9a-z])", re.IGNORECASE | re.ASCII)
_AMPERSAND = re.compile(r"&(?:amp|#0*38|#x0*26);", re.IGNORECASE)
# Zero-width characters, soft hyphen and byte order mark: web pages hide them inside long words.
_INVISIBLE = dict.fromkeys([0x00AD, 0x180E, 0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF])
_WRAPPERS = {'"': '"', "'": "'", "<": ">", "(": ")", "[": "]", "`": "`", "“": "”", "‘": "’", "«": "»"}


class InvalidMagnet(ValueError):
    """The text is no usable magnet; the message is one plain sentence for a person."""


@dataclass(frozen=True)
class Magnet:
    """`info_hash`: 40 lower-case hex digits. `size`: bytes, when the link says so."""

    info_hash: str
    name: str = ""
    trackers: tuple[str, ...] = ()
    size: int | None = None

    @property
    def uri(self) -> str:
        """The canonical magnet link; `parse` gives this magnet back."""
        return _compose(self)


def parse(text: str) -> Magnet:
    """One magnet link, or a bare hash of 40 hex or 32 base32 characters. Raises InvalidMagnet."""
    link = unwrapped(visible(text))
    if _BARE_HASH.fullmatch(link):
        return Magnet(hex_hash(link))
    start = START.match(link)
    if start is None:
        raise InvalidMagnet("This is not a magnet link or an info hash.")
    if "%" in start[0]:
        link = unquote(unquote(link) if "%25" in start[0] else link)
        start = START.match(link)
    return _from_query(link[start.end() if start else 0 :])


def build(info_hash: str, name: str = "", trackers: Iterable[str] = ()) -> str:
    """A canonical magnet link. Raises InvalidMagnet when `info_hash` is none."""
    if not _BARE_HASH.fullmatch(info_hash):
        raise InvalidMagnet("This is not an info hash.")
    return _compose(Magnet(hex_hash(info_hash), plain_text(name), clean_trackers(trackers)))


def visible(text: str) -> str:
    """`text` without invisible characters and outer blanks."""
    return text.translate(_INVISIBLE).strip()


def unwrapped(text: str) -> str:
    """`text` without the quotes or brackets around it."""
    for _ in range(4):  # a bound, because each step copies the text
        if len(text) < 2 or _WRAPPERS.get(text[0]) != text[-1]:
            break
        text = text[1:-1].strip()
    return text


def hex_hash(spelled: str) -> str:
    """40 lower-case hex digits from a matched hash in hex or base32."""
    if len(spelled) == 40:
        return spelled.lower()
    return binascii.hexlify(base64.b32decode(spelled.upper())).decode()


def _from_query(query: str) -> Magnet:
    values = _values(query)
    return Magnet(
        info_hash=_v1_hash(values.get("xt", [])),
        name=_name(values.get("dn", [""])[0]),
        trackers=clean_trackers(_fully_unquoted(value) for value in values.get("tr", [])),
        size=_size(values.get("xl", [""])[0]),
    )


def _values(query: str) -> dict[str, list[str]]:
    """Raw values by lower-case key; `xt.1` counts as `xt`. HTML-escaped ampersands separate too."""
    values: dict[str, list[str]] = {}
    for pair in _AMPERSAND.sub("&", _AMPERSAND.sub("&", query)).split("&"):
        key, _, value = pair.partition("=")
        name = key.strip().lower().partition(".")[0]
        if name in ("xt", "dn", "tr", "xl"):
            values.setdefault(name, []).append(value)
    return values


def _v1_hash(topics: list[str]) -> str:
    spelled = [_fully_unquoted(topic).strip() for topic in topics]
    for topic in spelled:
        if found := _V1_TOPIC.match(topic):
            return hex_hash(found[1])
    if any(topic.lower().startswith("urn:btmh:") for topic in spelled):
        raise InvalidMagnet("This magnet is for a v2-only torrent, which TorBox cannot add.")
    if any(topic.lower().startswith("urn:btih:") for topic in spelled):
        raise InvalidMagnet("The info hash in this magnet link is not complete.")
    raise InvalidMagnet("This magnet link has no info hash.")


def _name(raw: str) -> str:
    once = unquote_plus(raw[:RAW_NAME_LIMIT])
    # Escapes left over in a text that needed none were escaped twice: "Big%2520Buck" means "Big Buck".
    twice = re.fullmatch(r"(?:[\w.~!$'()*+,;:@/-]|%[0-9a-fA-F]{2})+", once) and "%" in once
    return plain_text(unquote_plus(once) if twice else once)


def _fully_unquoted(raw: str) -> str:
    """Unquoted once, and again when the colon is still hidden."""
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
    return "magnet:?" + "&".join(parts)


def _quoted(text: str) -> str:
    return quote(text, safe="", errors="replace")
