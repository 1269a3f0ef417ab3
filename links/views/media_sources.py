"""What a page may play: Content-Security-Policy for a player."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

from csp.constants import SELF
from csp.decorators import csp_update
from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render


def render_player(*about: object) -> HttpResponse:
    """Render a page, as Django does, that may play media from TorBox's servers.

    From any of them, because our redirect leads to the one with the file, and from a simulated TorBox.
    """
    parts = urlsplit(settings.TORBOX_API_URL)
    sources = [SELF, "https:", f"{parts.scheme}://{parts.netloc}"]
    allowing: Callable[..., HttpResponse] = csp_update({"media-src": sources})(render)  # type: ignore[arg-type,assignment]
    return allowing(*about)
