"""What all answers to programs have in common, including those that none of our views made."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from . import protocols
from .error_answers import answer_for, is_ours


class ApiMiddleware:
    """Keep the web app out of what programs ask: its cookies count for nothing, and its pages explain no errors.

    A protocol that is off answers as an address that doesn't exist. Comes before all middleware that reads the session.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        protocol = protocols.protocol_of(request.path_info)
        if protocol is None:
            return self.get_response(request)
        if not protocols.is_on(protocol):
            response = HttpResponse(status=404)
        elif protocols.is_for_people(request.path_info):
            return self.get_response(request)
        else:
            _forget_the_web_app(request)
            response = self.get_response(request)
        if response.status_code >= 400 and not is_ours(response):
            response = answer_for(protocol, response)
        for name in _cookies_of_the_web_app():
            response.cookies.pop(name, None)
        response.headers.setdefault("Cache-Control", "no-store")
        response["X-Robots-Tag"] = "noindex, nofollow"
        return response


def _forget_the_web_app(request: HttpRequest) -> None:
    """Drop what only pages of the web app send, so that no session is read, noted as seen, or told what is new."""
    for name in _cookies_of_the_web_app():
        request.COOKIES.pop(name, None)
    request.META.pop("HTTP_HX_REQUEST", None)
    request.__dict__.pop("headers", None)  # what was read of META so far


def _cookies_of_the_web_app() -> tuple[str, ...]:
    return settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME, settings.MESSAGES_COOKIE_NAME
