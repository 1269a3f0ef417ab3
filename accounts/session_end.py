"""End each session SESSION_DAYS after sign-in, however much it is used."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth import logout
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

BEGAN = "began"  # seconds since 1970
RENEW_AFTER = timedelta(days=1)


class SessionEndMiddleware:
    """Sign people out SESSION_DAYS after they signed in. Until then, using a session extends it once a day."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            now = timezone.now()
            end = latest_end(_began(request.session, now), now)
            if end <= now:
                logout(request)
            else:
                _prolong(request.session, min(end, now + timedelta(seconds=settings.SESSION_COOKIE_AGE)))
        return self.get_response(request)


def latest_end(began: datetime, now: datetime) -> datetime:
    """Return when a session must end. A start in the future comes from a wrong clock and counts as now."""
    return min(began, now) + timedelta(days=settings.SESSION_DAYS)


def _began(session: SessionBase, now: datetime) -> datetime:
    """Return when the person signed in: the stored time, else that of the session list, else now."""
    stored = session.get(BEGAN)
    known = datetime.fromtimestamp(stored, UTC) if stored else _listed(session)
    began = min(known or now, now)
    if began != known or not stored:
        session[BEGAN] = began.timestamp()
    return began


def _listed(session: SessionBase) -> datetime | None:
    listed: UserSession | None = UserSession.objects.filter(session_key=session.session_key).first()
    return listed.created_at if listed else None


def _prolong(session: SessionBase, until: datetime) -> None:
    """Store the new end unless it is less than a day later than the stored one."""
    stored = session.get_expiry_date() if session.get("_session_expiry") else None
    if stored is None or not timedelta() <= until - stored <= RENEW_AFTER:
        session.set_expiry(until)
