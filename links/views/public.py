"""What a lasting link answers to anyone who has it, without signing in: files, playlists, feeds."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse


@login_not_required
def take(request: HttpRequest, token: str, name: str) -> HttpResponse:
    """Redirect to the only file of a link, or to the zip of all files."""
    raise NotImplementedError


@login_not_required
def take_file(request: HttpRequest, token: str, ref: str, name: str) -> HttpResponse:
    """Redirect to one file of a link."""
    raise NotImplementedError
