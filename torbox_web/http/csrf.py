"""Answer forms whose CSRF check failed: too old, from another site, or sent over plain http."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Render the refusal. Over plain http browsers drop the secure cookies, so name the https address there."""
    address = settings.SITE_URL if settings.SECURE and came_over_plain_http(request) else ""
    return render(request, "403_csrf.html", {"address": address}, status=403)


def came_over_plain_http(request: HttpRequest) -> bool:
    """Return whether the page was opened with http://. Works behind proxies missing from TRUSTED_PROXIES too."""
    page = request.headers.get("Origin") or request.headers.get("Referer") or ""
    return page.startswith("http://")
