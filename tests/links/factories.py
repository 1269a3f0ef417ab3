"""Functions that make lasting links, with defaults for everything a test doesn't need to specify."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.utils import timezone

from accounts.models import User
from links.models import LastingLink
from links.services import making
from links.services.contents import LinkFile, files_of
from links.services.opening import Opened
from torrents.models import Torrent


def make_share(person: User, torrent: Torrent, **fields: Any) -> Opened:
    """Make a share link, good for 30 days unless `expires_at` says otherwise."""
    fields = {"expires_at": timezone.now() + making.GOOD_FOR} | fields
    return making.share(person=person, torrent=torrent, **fields)


def make_export(person: User, torrent: Torrent) -> Opened:
    """Make a link for exports, or return the one that the person has."""
    return making.export_links(person=person, torrents=[torrent])[torrent.pk]


def make_list(
    person: User,
    kind: str = LastingLink.Kind.PLAYLIST,
    query: Mapping[str, Any] | None = None,
    name: str = "Film night",
    **fields: Any,
) -> Opened:
    """Make a playlist or podcast, good for 30 days, of all ready media unless `query` says otherwise."""
    fields = {"expires_at": timezone.now() + making.GOOD_FOR} | fields
    return making.make_list(person=person, kind=kind, name=name, query=query or {}, **fields)


def file_named(opened: Opened, name: str) -> LinkFile:
    """Return the file of a link that has this name."""
    return next(file for file in files_of(opened) if file.name == name)


def set_link(opened: Opened, **fields: Any) -> LastingLink:
    """Write columns of a link, such as the time when it ended."""
    LastingLink.objects.filter(pk=opened.link.pk).update(**fields)
    opened.link.refresh_from_db(fields=list(fields))
    return opened.link


def let_expire(opened: Opened, ago: timedelta = timedelta(minutes=1)) -> LastingLink:
    """Let a link have expired this long ago."""
    return set_link(opened, expires_at=timezone.now() - ago)
