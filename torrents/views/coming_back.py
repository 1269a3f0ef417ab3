"""Where somebody came from: going back to the list keeps its tab, search, sort and page."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme


def list_url(request: HttpRequest) -> str:
    """The list as it was when the person left it, else the list."""
    referer: str = request.headers.get("Referer", "")
    home = reverse("torrents:list")
    ours = url_has_allowed_host_and_scheme(referer, {request.get_host()})
    parts = urlsplit(referer) if ours else urlsplit("")
    return f"{home}?{parts.query}" if parts.path == home and parts.query else home
