"""The URL of the list that a person came from, with its tab, search, sort order, and page."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme


def list_url(request: HttpRequest) -> str:
    """Return the URL of the list as the person left it, else that of the plain list."""
    referer: str = request.headers.get("Referer", "")
    home = reverse("torrents:list")
    ours = url_has_allowed_host_and_scheme(referer, {request.get_host()})
    parts = urlsplit(referer) if ours else urlsplit("")
    return f"{home}?{parts.query}" if parts.path == home and parts.query else home
