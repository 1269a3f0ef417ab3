"""Sign-in of the qBittorrent API: a cookie that names a token. Nothing about it is stored."""

from __future__ import annotations

from datetime import timedelta

from django.core.signing import BadSignature, TimestampSigner
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac

from ..models import ApiToken

COOKIE = "SID"
LASTS = timedelta(days=1)  # Programs sign in again when they get a 403.
MAX_COOKIE = 200  # characters
SALT = "api.qbittorrent.session"


def open_session(request: HttpRequest, response: HttpResponse, token: ApiToken) -> None:
    """Set the cookie. Over plain HTTP it isn't `Secure`, because programs on the same host connect without TLS."""
    response.set_cookie(
        COOKIE,
        _signer().sign(f"{token.pk}-{_mark_of(token)}"),
        path=reverse("api:qbittorrent:front"),
        secure=request.is_secure(),
        httponly=True,
        samesite="Lax",
    )


def close_session(response: HttpResponse) -> None:
    """Delete the cookie."""
    response.delete_cookie(COOKIE, path=reverse("api:qbittorrent:front"), samesite="Lax")


def token_of_session(request: HttpRequest) -> ApiToken | None:
    """Return the token that the cookie names, with its person, or None if it no longer works."""
    try:
        named = _signer().unsign(request.COOKIES.get(COOKIE, "")[:MAX_COOKIE], max_age=LASTS)
    except BadSignature:
        return None
    key, _, mark = named.partition("-")
    usable = ApiToken.objects.usable(timezone.now()).select_related("person")
    token = usable.filter(pk=int(key)).first()
    return token if token and constant_time_compare(_mark_of(token), mark) else None


def _mark_of(token: ApiToken) -> str:
    return salted_hmac(SALT, token.token_hash, algorithm="sha256").hexdigest()[:32]


def _signer() -> TimestampSigner:
    return TimestampSigner(sep=".", salt=SALT)
