"""The page behind a share link, for people without an account."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse


@login_not_required
def open_page(request: HttpRequest, token: str) -> HttpResponse:
    """Show what a link leads to, or ask for its password."""
    raise NotImplementedError


@login_not_required
def play_only(request: HttpRequest, token: str) -> HttpResponse:
    """Play the only file of a link."""
    raise NotImplementedError


@login_not_required
def play_file(request: HttpRequest, token: str, ref: str) -> HttpResponse:
    """Play one file of a link."""
    raise NotImplementedError


@login_not_required
def subtitles(request: HttpRequest, token: str, ref: str) -> HttpResponse:
    """Return a subtitle file of a link as WebVTT."""
    raise NotImplementedError
