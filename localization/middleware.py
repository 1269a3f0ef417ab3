"""Which language and time zone a page has before anyone has signed in: the cookie's, then the browser's."""

from __future__ import annotations

from collections.abc import Callable
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation
from django.utils.cache import patch_vary_headers
from django.utils.translation.trans_real import parse_accept_lang_header

from . import locales
from .time_zones import there_are

MAX_TAGS = 20


class LanguageMiddleware:
    """Speak the language of the cookie, else the best that the browser accepts and we have, and say so.

    Nothing is put back afterwards: a stream is written when the view is long done, and the next request starts here.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        speak(request, translation.get_language_from_request(request))
        keep_time(request.COOKIES.get(settings.TIME_ZONE_COOKIE_NAME, ""))
        response = self.get_response(request)
        patch_vary_headers(response, ("Accept-Language",))
        response.headers.setdefault("Content-Language", locales.tag())
        return response


def speak(request: HttpRequest, language: str) -> None:
    """Speak `language`, in the variant that the browser prefers."""
    accepted = parse_accept_lang_header(request.headers.get("Accept-Language", "")[:500])
    locales.activate(language, [tag for tag, _quality in accepted[:MAX_TAGS]])


def remember(response: HttpResponse, language: str) -> None:
    """Have the browser keep a choice of language for the pages before sign-in; an empty one ends it."""
    name, path = settings.LANGUAGE_COOKIE_NAME, settings.LANGUAGE_COOKIE_PATH
    if not language:
        response.delete_cookie(name, path, samesite="Lax")
        return
    response.set_cookie(
        name,
        language,
        max_age=settings.LANGUAGE_COOKIE_AGE,
        path=path,
        secure=settings.LANGUAGE_COOKIE_SECURE,
        httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
        samesite="Lax",
    )


def keep_time(zone: str) -> None:
    """Write times in `zone`, such as Europe/Berlin; in the instance's own if there is no such zone."""
    timezone.activate(ZoneInfo(zone)) if zone in there_are() else timezone.deactivate()
