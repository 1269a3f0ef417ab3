"""The page behind a share link, for people without an account."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from ..services.opening import Opened
from .ending_text import NO_SUCH_LINK
from .visiting import card, mark, visiting


@require_http_methods(["GET", "HEAD", "POST"])
@visiting
def open_page(request: HttpRequest, opened: Opened) -> HttpResponse:
    """Show what a link leads to. Its password is sent here, too."""
    raise NotImplementedError


@require_safe
@visiting
def play_only(request: HttpRequest, opened: Opened) -> HttpResponse:
    """Play the only file of a link."""
    raise NotImplementedError


@require_safe
@visiting
def play_file(request: HttpRequest, opened: Opened, ref: str) -> HttpResponse:
    """Play one file of a link."""
    raise NotImplementedError


@require_safe
@visiting
def subtitles(request: HttpRequest, opened: Opened, ref: str) -> HttpResponse:
    """Return a subtitle file of a link as WebVTT."""
    raise NotImplementedError


@csrf_exempt
@login_not_required
def nothing(request: HttpRequest, rest: str) -> HttpResponse:
    """Answer addresses that are like those of links, but lead nowhere."""
    return mark(card(request, NO_SUCH_LINK, 404))
