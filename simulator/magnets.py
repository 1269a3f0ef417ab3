"""Magnet links as TorBox reads them: the first v1 hash counts."""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from urllib.parse import parse_qsl, quote

HEX = re.compile(r"^[0-9a-f]{40}$")
BASE32 = re.compile(r"^[a-z2-7]{32}$")


@dataclass(frozen=True)
class Magnet:
    info_hash: str
    name: str | None
    trackers: tuple[str, ...]


def info_hash(text: str) -> str | None:
    """Return the hash as 40 lower-case hex digits, from either encoding, or None."""
    text = text.strip().lower()
    if HEX.match(text):
        return text
    if BASE32.match(text):
        return _from_base32(text)
    return None


def _from_base32(text: str) -> str | None:
    try:
        return base64.b32decode(text.upper()).hex()
    except binascii.Error:
        return None


def parse(text: str) -> Magnet | None:
    scheme, _, query = text.strip().partition("?")
    if scheme.lower() != "magnet:":
        return None
    pairs = parse_qsl(query, keep_blank_values=True)
    topics = [
        value[9:] for name, value in pairs if name.startswith("xt") and value[:9].lower() == "urn:btih:"
    ]
    found = next(filter(None, map(info_hash, topics)), None)
    if found is None:
        return None
    name = next((value for key, value in pairs if key == "dn" and value), None)
    return Magnet(found, name, tuple(value for key, value in pairs if key.startswith("tr")))


def build(info_hash: str, name: str | None = None, trackers: tuple[str, ...] = ()) -> str:
    parts = [f"magnet:?xt=urn:btih:{info_hash}"]
    if name:
        parts.append(f"dn={quote(name)}")
    return "&".join(parts + [f"tr={quote(tracker, safe='')}" for tracker in trackers])
