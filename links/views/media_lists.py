"""Playlists and podcasts that grow."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse


@login_not_required
def media_playlist(request: HttpRequest, token: str) -> HttpResponse:
    """Return an M3U playlist of the media behind a link."""
    raise NotImplementedError


@login_not_required
def feed(request: HttpRequest, token: str) -> HttpResponse:
    """Return an RSS feed of the media behind a link, as podcast apps and Kodi read it."""
    raise NotImplementedError
