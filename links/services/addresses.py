"""TorBox's address of an item behind a lasting link: fresh, or kept for minutes for the same visitor."""

from __future__ import annotations

from datetime import timedelta

from .contents import LinkFile
from .opening import Opened

KEPT_FOR = timedelta(minutes=10)
CHECKED_EVERY = timedelta(seconds=3)  # A program may open several connections at once.
MOST_PER_MINUTE = 80  # calls for one TorBox account. The rest of TorBox's 300 is for people who click


def address_of(opened: Opened, file: LinkFile, *, visitor: str, user_ip: str | None) -> str:
    """Return an address at TorBox's CDN that works now.

    Requests of the same visitor for the same file within KEPT_FOR share one, also at the same time, as long as the CDN
    takes it. Raises `NotNow` with the seconds to wait, and `NoSuchItem` if TorBox no longer has the file.
    """
    raise NotImplementedError
