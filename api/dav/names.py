"""The names of torrents and tags in paths: safe on every system, and such that a name leads back to its row.

A torrent whose name is safe as it is keeps it. Any other name, and one that an earlier torrent has already, is followed
by the beginning of the info hash: `Film [0a1b2c3d]`. So one path is found without reading all torrents.
"""

from __future__ import annotations

import re

from links.target_paths import safe_name
from torbox.sanitize import is_blank

NOT_IN_XML = re.compile("[\ufffe\uffff]")
HASHED = re.compile(r" \[([0-9a-f]{8})\]$")


def segment(name: str) -> str:
    """Return a name as one part of a path."""
    return NOT_IN_XML.sub("_", safe_name(name))


def folder_name(name: str, info_hash: str, *, is_first: bool) -> str:
    """Return the name of a torrent's folder. `is_first`: no earlier torrent has the same name."""
    if is_blank(name):
        return info_hash
    safe = segment(name)
    unlike_others = not HASHED.search(safe) and safe != info_hash
    if is_first and safe == name and unlike_others:
        return safe
    return segment(f"{_cut(safe)} [{info_hash[:8]}]")


def hash_in(name: str) -> str:
    """Return the beginning of the info hash that the name of a folder ends with, or "" if it has none."""
    found = HASHED.search(name)
    return found[1] if found else ""


def _cut(name: str) -> str:
    """Leave room for the hash: names are at most 248 bytes long."""
    return name.encode()[:200].decode(errors="ignore").rstrip(". ")
