"""Make, change, revoke, and renew lasting links."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.views.decorators.debug import sensitive_variables

from accounts.models import User
from torrents.models import Torrent

from ..models import LastingLink
from .opening import Opened

GOOD_FOR = timedelta(days=30)
EXPORT_GOOD_FOR = timedelta(days=30)


class NotAllowed(Exception):
    """Links are switched off for this person."""


def share_of(person: User, torrent: Torrent) -> LastingLink | None:
    """Return the person's newest share link to a torrent that hasn't ended."""
    raise NotImplementedError


@sensitive_variables("password")
def share(
    *,
    person: User,
    torrent: Torrent,
    part: str = LastingLink.Part.ALL,
    path: str = "",
    expires_at: datetime | None,
    max_uses: int | None = None,
    password: str = "",
) -> Opened:
    """Make a link with a page to a torrent, or to a folder or file of it. Raises `NotAllowed`."""
    raise NotImplementedError


@sensitive_variables("fields")
def change(*, person: User, link: LastingLink, **fields: Any) -> LastingLink:
    """Change `part` and `path`, `expires_at`, `max_uses`, or `password` ("" removes it) of the person's own link."""
    raise NotImplementedError


def export_links(*, person: User, torrents: Sequence[Torrent]) -> dict[int, Opened]:
    """Return a link for exports by the key of each torrent: the one that exists, good for 30 days again, or a new one.

    Raises `NotAllowed`.
    """
    raise NotImplementedError


def make_list(
    *, person: User, kind: str, name: str, query: Mapping[str, Any], expires_at: datetime | None
) -> Opened:
    """Make a playlist or podcast of the ready media that `query` selects for the person. Raises `NotAllowed`."""
    raise NotImplementedError


def revoke(*, person: User, links: Sequence[LastingLink]) -> list[int]:
    """Revoke links that the person may revoke, and return the keys of those that were still in force."""
    raise NotImplementedError


def restore(*, person: User, keys: Sequence[int]) -> int:
    """Undo `revoke`, and return how many links work again."""
    raise NotImplementedError


def renew(*, person: User, link: LastingLink) -> LastingLink:
    """Make the person's own ended link work for another 30 days, with its uses counted anew. Raises `NotAllowed`."""
    raise NotImplementedError
