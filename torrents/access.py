"""Fetch torrents for a request. A torrent that the user may not see or change is a 404."""

from __future__ import annotations

from django.shortcuts import get_object_or_404

from accounts.http import MemberRequest

from .models import Torrent, TorrentQuerySet


def visible_torrent(request: MemberRequest, pk: int) -> Torrent:
    """Return the torrent, read for display, if the user may see it. Raises `Http404`."""
    return get_object_or_404(Torrent.objects.visible_to(request.user).for_display(request.user), pk=pk)


def controllable_torrent(request: MemberRequest, pk: int) -> Torrent:
    """Return the listed torrent if the user may change it. Raises `Http404`."""
    return get_object_or_404(controllable(request).listed(), pk=pk)


def hideable_torrent(request: MemberRequest, pk: int) -> Torrent:
    """Return the listed torrent if the user may hide it from others. Raises `Http404`."""
    mine = Torrent.objects.hideable_by(request.user).listed()
    return get_object_or_404(mine.select_related("account__owner", "added_by"), pk=pk)


def controllable(request: MemberRequest) -> TorrentQuerySet:
    """Return the torrents that the user may change, including deleted ones, each with its account."""
    return Torrent.objects.controllable_by(request.user).select_related("account")
