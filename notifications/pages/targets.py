"""Where a notification leads to."""

from __future__ import annotations

from collections.abc import Iterable

from django.urls import reverse

from torrents.id_ranges import as_ranges
from torrents.pages import url_cache

from ..events import Kind
from ..models import Notification


def torrent_url(note: Notification) -> str:
    """Return the page of its torrent; "" if it has none or the torrent was deleted."""
    torrent = note.torrent
    return url_cache.detail_url(torrent) if torrent and torrent.removed_at is None else ""


def url_of(note: Notification) -> str:
    """Return the page that a notification is about."""
    if url := torrent_url(note):
        return url
    if note.torrent or note.kind == Kind.DELETED:
        return reverse("torrents:deleted")
    if note.kind == Kind.WAITING:
        return waiting_url()
    if note.kind == Kind.SUMMARY:
        return reverse("torrents:activity")
    if note.kind == Kind.CHANNEL:
        return reverse("notifications:settings")
    return note.account.get_absolute_url() if note.account else reverse("torrents:list")


def url_of_several(notes: Iterable[Notification]) -> str:
    """Return the list with nothing but the torrents of a burst."""
    listed = [note.torrent.pk for note in notes if note.torrent and note.torrent.removed_at is None]
    if not listed:
        return reverse("torrents:deleted")
    return f"{reverse('torrents:list')}?ids={as_ranges(listed)}"


def waiting_url() -> str:
    """Return the list of torrents that wait to be sent."""
    return f"{reverse('torrents:list')}?tab=waiting"
