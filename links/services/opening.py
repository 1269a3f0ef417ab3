"""Open a lasting link: find it by its token, and check that it still works."""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.utils import timezone

from accounts.deadlines import recent
from torrents.models import Torrent

from ..endings import Ending, LinkEnded, NoSuchLink
from ..models import LastingLink, LinkUse
from ..tokens import TOKEN, hash_of, token_of
from .policy import is_allowed

ONE_USE = timedelta(days=1)  # Whatever a visitor takes within it counts as one use.


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
    # A player opens its link whenever its user skips ahead, so this takes two queries.
    if not TOKEN.fullmatch(token):
        raise NoSuchLink
    link = LastingLink.objects.to_open().filter(token_hash=hash_of(token)).order_by().first()
    if link is None:
        raise NoSuchLink
    now = timezone.now()
    ending = ending_of(link, now)
    if ending is None or (ending == Ending.USED_UP and _is_using(link, visitor, now)):
        ending = None if _is_available(link) else Ending.UNAVAILABLE
    if ending:
        raise LinkEnded(ending)
    return Opened(link, token)


def reopened(link: LastingLink) -> Opened | None:
    """Return a link with the token that its maker may see again, or None if SECRET_KEY has changed since."""
    token = token_of(link.nonce)
    return Opened(link, token) if hmac.compare_digest(hash_of(token), link.token_hash) else None


def ending_of(link: LastingLink, now: datetime) -> Ending | None:
    """Return how a link ended by its own row, or None. It may still be unavailable."""
    if link.revoked_at:
        return Ending.REVOKED
    if link.expires_at and link.expires_at <= now:
        return Ending.EXPIRED
    if link.max_uses is not None and link.uses >= link.max_uses:
        return Ending.USED_UP
    return None


def _is_available(link: LastingLink) -> bool:
    """Return whether its maker may have links, and sees its torrent."""
    if not (link.maker.is_active and is_allowed(link.maker, link.policy)):
        return False
    visible = Torrent.objects.visible_to(link.maker)
    return link.torrent_id is None or visible.filter(pk=link.torrent_id).order_by().exists()


def _is_using(link: LastingLink, visitor: str, now: datetime) -> bool:
    """Return whether the visitor is among those who took the uses, within a day."""
    uses = LinkUse.objects.filter(recent("at", ONE_USE, now), link=link, visitor=visitor)
    return bool(visitor) and uses.exists()
