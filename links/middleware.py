"""What every answer below /l/ has in common, also when no view of ours made it."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from .views.ending_text import NO_SUCH_LINK, NOT_NOW
from .views.visiting import BELOW, is_for_visitors, wants_page


class VisitorMiddleware:
    """Keep addresses of lasting links out of caches, search engines, and referrers, and the app out of their errors."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if not request.path_info.startswith(BELOW):
            return response
        if response.status_code >= 400 and not is_for_visitors(response):
            _replace_page(request, response)
        if response.status_code == 302:
            response.cookies.clear()  # so that a redirect to the CDN says nothing about who follows it
        response["Cache-Control"] = "no-store"
        response["Referrer-Policy"] = "no-referrer"
        response["X-Robots-Tag"] = "noindex, nofollow, noarchive"
        return response


def _replace_page(request: HttpRequest, response: HttpResponse) -> None:
    """Put a page in place of one of the app's. It needs no database and no session, which may be what failed."""
    response.cookies.clear()  # of the forms on the app's page. Their names tell which app this is
    words = NOT_NOW if response.status_code >= 500 else NO_SUCH_LINK
    if wants_page(request):
        response.content = render_to_string("links/card.html", words._asdict())
        response["Content-Type"] = "text/html; charset=utf-8"
    else:
        response.content = f"{words.title}\n"
        response["Content-Type"] = "text/plain; charset=utf-8"
    if "Content-Length" in response:
        response["Content-Length"] = str(len(response.content))
