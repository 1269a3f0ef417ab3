"""Open a lasting link: find it by its token, and check that it still works."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..models import LastingLink


@dataclass(frozen=True)
class Opened:
    """A link that works, with its token."""

    link: LastingLink
    token: str = field(repr=False)


def open_link(token: str, visitor: str = "") -> Opened:
    """Return the link of a token, with its maker and its torrent.

    A visitor who used the link within a day may go on after its last use is taken. Raises `NoSuchLink`, and `LinkEnded`
    when it was revoked, has expired, is used up, or when its maker is suspended, may have no links, or no longer sees
    the torrent.
    """
    raise NotImplementedError


def reopened(link: LastingLink) -> Opened | None:
    """Return a link with the token that its maker may see again, or None if SECRET_KEY has changed since."""
    raise NotImplementedError
