"""Record when people were last here."""

from __future__ import annotations

import time
from collections.abc import Callable

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import get_language

from localization.middleware import keep_time, speak
from localization.time_zones import there_are

from .bookkeeping import write_if_possible
from .models import User

EVERY_SECONDS = 300
MARK = "seen"


class SeenMiddleware:
    """Record when and from where each browser was last seen, at most once every five minutes."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated and time.time() - request.session.get(MARK, 0) >= EVERY_SECONDS:
            write_if_possible(lambda: note(request))
        return self.get_response(request)


class PreferencesMiddleware:
    """Speak the language and keep the time that the person chose, instead of the browser's."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            if request.user.language in dict(settings.LANGUAGES):
                speak(request, request.user.language)
            if request.user.time_zone:
                keep_time(request.user.time_zone)
        return self.get_response(request)


def note(request: HttpRequest) -> None:
    UserSession.objects.create_from_request(request)
    # This comes before PreferencesMiddleware, so the active language is that of the browser.
    User.objects.filter(pk=request.user.pk).update(
        last_seen_at=timezone.now(),
        seen_language=get_language() or "",
        seen_time_zone=_browser_time_zone(request),
    )
    request.session[MARK] = int(time.time())


def _browser_time_zone(request: HttpRequest) -> str:
    zone = request.COOKIES.get(settings.TIME_ZONE_COOKIE_NAME, "")
    return zone if zone in there_are() else ""
