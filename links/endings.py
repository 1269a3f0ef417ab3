"""Why a lasting link doesn't work any more, as codes. `links/views/ending_text.py` has the words."""

from __future__ import annotations

from enum import StrEnum


class Ending(StrEnum):
    """How a link ended. *Unavailable*: its maker may not sign in, no longer sees the torrent, or may have no links."""

    EXPIRED = "expired"
    USED_UP = "used_up"
    REVOKED = "revoked"
    UNAVAILABLE = "unavailable"


class NoSuchLink(Exception):
    """No link has this token."""


class NoSuchItem(Exception):
    """The link works, but leads to no such file."""


class LinkEnded(Exception):
    """The link doesn't work any more, or not now."""

    def __init__(self, ending: Ending) -> None:
        super().__init__(ending)
        self.ending = ending


class NotNow(Exception):
    """TorBox, or our own limit, doesn't let the link work right now. `retry_after` is in seconds."""

    def __init__(self, retry_after: float) -> None:
        super().__init__(retry_after)
        self.retry_after = retry_after
