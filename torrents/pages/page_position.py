"""Where a page of a list by time ended, as a text for the URL of the next page."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MAX_KEY = 2**62
Position = tuple[datetime, int]  # the time of the last row, and its key


def write(position: Position) -> str:
    """Return a position as a text that `read` reads: the time in microseconds since 1970, and the key."""
    at, pk = position
    return f"{(at - EPOCH) // timedelta(microseconds=1)}-{pk}"


def read(text: str) -> Position | None:
    """Return the position in a text from a URL, or None if there is none."""
    at, _, pk = text.partition("-")
    if not (at.isascii() and pk.isascii() and at.isdecimal() and pk.isdecimal()) or len(text) > 36:
        return None
    try:
        return EPOCH + timedelta(microseconds=int(at)), min(int(pk), MAX_KEY)
    except OverflowError:
        return None
