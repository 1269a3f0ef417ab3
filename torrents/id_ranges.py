"""A few torrents by their keys in a query string: `12-15,18`."""

from __future__ import annotations

import re
from collections.abc import Iterable

MAX_IDS = 500
MAX_TEXT = 2_000  # characters, so that a URL fits into every server's limit
PART = re.compile(r"(\d{1,18})(?:-(\d{1,18}))?", re.ASCII)


def ids_of(text: str) -> tuple[int, ...]:
    """Return the keys in a text, each once, in ascending order, and at most MAX_IDS. Ignores what isn't a key."""
    found: set[int] = set()
    for part in text[:MAX_TEXT].split(","):
        if match := PART.fullmatch(part):
            first, last = int(match[1]), int(match[2] or match[1])
            found |= set(range(first, min(last + 1, first + MAX_IDS - len(found))))
    return tuple(sorted(found))


def as_ranges(ids: Iterable[int]) -> str:
    """Return keys as a text that `ids_of` reads: as many of them as it takes, the lowest first."""
    runs: list[tuple[int, int]] = []
    for key in sorted(set(ids))[:MAX_IDS]:
        if runs and runs[-1][1] == key - 1:
            runs[-1] = (runs[-1][0], key)
        else:
            runs.append((key, key))
    text = ",".join(str(first) if first == last else f"{first}-{last}" for first, last in runs)
    return text if len(text) <= MAX_TEXT else text[:MAX_TEXT].rpartition(",")[0]
