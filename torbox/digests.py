"""Detect whether a row of the list has changed, without parsing its fields."""

from __future__ import annotations

import hashlib
import marshal
from typing import Any

# Increase it when Torrent.from_json reads a further field. Rows with a digest of an older number count as changed.
READING = b"torrents 5"


def digest(row: Any) -> str:
    """Return 32 hex digits for a parsed JSON value, the same in every process of one Python version.

    marshal is the fastest way from a parsed value to bytes, which are never read back. Its format 0 doesn't depend on
    how strings are shared in memory, unlike the later ones.
    """
    return hashlib.blake2b(marshal.dumps(row, 0), digest_size=16, person=READING).hexdigest()
