"""Sign-in of the qBittorrent API: a signed cookie that names a token and a session.

Sessions aren't stored, only those that a program signed out of, until their cookies expire. So a copy of a cookie ends
with it. The query that reads the token finds them, so no call costs more. The cache would be no place for them: it may
forget.
"""

from __future__ import annotations

from django.core.signing import BadSignature, TimestampSigner
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.crypto import constant_time_compare, get_random_string, salted_hmac

from ..models import MAX_SESSION, SESSION_LASTS, ApiToken, EndedSession
from ..services import tokens

COOKIE = "SID"
MAX_COOKIE = 200  # characters
SALT = "api.qbittorrent.session"


def open_session(request: HttpRequest, response: HttpResponse, token: ApiToken) -> None:
    """Set the cookie. Over plain HTTP it isn't `Secure`, because programs on the same host connect without TLS."""
    response.set_cookie(
        COOKIE,
        _signer().sign(f"{token.pk}-{get_random_string(MAX_SESSION)}-{_mark_of(token)}"),
        path=reverse("api:qbittorrent:front"),
        secure=request.is_secure(),
        httponly=True,
        samesite="Lax",
    )


def end_session(request: HttpRequest, token: ApiToken) -> None:
    """End the session whose cookie, that of `token`, comes with a request, also for copies of the cookie."""
    _, session, _ = _named(request)
    EndedSession.objects.bulk_create([EndedSession(token=token, session=session)], ignore_conflicts=True)


def delete_cookie(response: HttpResponse) -> None:
    """Have the program forget its cookie."""
    response.delete_cookie(COOKIE, path=reverse("api:qbittorrent:front"), samesite="Lax")


def token_of_session(request: HttpRequest) -> ApiToken | None:
    """Return the token that the cookie names, with its person, or None if it no longer works."""
    try:
        key, session, mark = _named(request)
    except (BadSignature, ValueError):  # a cookie of an earlier version has fewer parts
        return None
    token = tokens.of_session(int(key), session)
    return token if token and constant_time_compare(_mark_of(token), mark) else None


def _named(request: HttpRequest) -> tuple[str, str, str]:
    """Return key, session, and mark of the token, as the cookie names them. Raises ValueError, BadSignature."""
    named = _signer().unsign(request.COOKIES.get(COOKIE, "")[:MAX_COOKIE], max_age=SESSION_LASTS)
    key, session, mark = named.split("-")
    return key, session, mark


def _mark_of(token: ApiToken) -> str:
    return salted_hmac(SALT, token.token_hash, algorithm="sha256").hexdigest()[:32]


def _signer() -> TimestampSigner:
    return TimestampSigner(sep=".", salt=SALT)
