from __future__ import annotations

import time
from collections.abc import Callable

from allauth.usersessions.models import UserSession
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from .models import User

EVERY_SECONDS = 300
MARK = "seen"


class SeenMiddleware:
    """When and from where somebody was last here: written once in five minutes per browser, not with every poll."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated and time.time() - request.session.get(MARK, 0) >= EVERY_SECONDS:
            request.session[MARK] = int(time.time())
            UserSession.objects.create_from_request(request)
            User.objects.filter(pk=request.user.pk).update(last_seen_at=timezone.now())
        return self.get_response(request)
