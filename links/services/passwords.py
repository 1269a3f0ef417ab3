"""Passwords of lasting links: entered on a page, or sent by a program with each request (HTTP Basic)."""

from __future__ import annotations

import base64
from datetime import timedelta

from allauth.core.internal import ratelimit
from django.conf import settings
from django.contrib.auth.hashers import check_password
from django.core import signing
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.crypto import constant_time_compare, salted_hmac
from django.views.decorators.debug import sensitive_variables

from accounts.guessing import address_block

from ..models import LastingLink

COOKIE = "link"  # one name is enough, because the path differs
OPEN_FOR = timedelta(days=1)
KNOWN_FOR = timedelta(
    minutes=10
)  # A player sends its password with every seek, and hashing is slow on purpose.
MAX_PASSWORD = 1_000  # characters
MAX_HEADER = 8_000  # characters


class TooManyGuesses(Exception):
    """Too many wrong passwords were tried, from this network or for this link."""


def is_open_to(request: HttpRequest, link: LastingLink) -> bool:
    """Return whether a request may pass: no password, the cookie of someone who entered it, or HTTP Basic with it.

    Raises `TooManyGuesses`.
    """
    if not link.password or _has_cookie(request, link):
        return True
    sent = _basic_password(request)
    return sent is not None and (_is_known(link, sent) or enter(request, link, sent))


@sensitive_variables("password")
def enter(request: HttpRequest, link: LastingLink, password: str) -> bool:
    """Return whether the password is right, and count a wrong one. Raises `TooManyGuesses`."""
    # Count first, so that many requests at once can't try more than the limit.
    used = [
        _count(request, "link_password", f"{link.pk} {address_block(request.META.get('REMOTE_ADDR', ''))}")
    ]
    used.append(_count(request, "link_password_anywhere", str(link.pk)))
    if len(password) > MAX_PASSWORD or not check_password(password, link.password):
        return False
    for usage in used:
        usage.rollback()
    cache.set(_known_key(link, password), True, KNOWN_FOR.total_seconds())
    return True


def let_in(response: HttpResponse, link: LastingLink, token: str) -> None:
    """Set the cookie that opens this link, and no other, for a day, until its password changes."""
    response.set_cookie(
        COOKIE,
        _signer().sign(_mark(link)),
        max_age=OPEN_FOR,
        path=reverse("links:open", args=[token]),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def _has_cookie(request: HttpRequest, link: LastingLink) -> bool:
    try:
        mark = _signer().unsign(request.COOKIES.get(COOKIE, ""), max_age=OPEN_FOR)
    except signing.BadSignature:
        return False
    return constant_time_compare(mark, _mark(link))


def _signer() -> signing.TimestampSigner:
    return signing.TimestampSigner(salt="links.password")


def _mark(link: LastingLink) -> str:
    """Return what the cookie of a link holds. It changes with the password, also when a new one is the same."""
    return salted_hmac("links.password.mark", f"{link.pk}\n{link.password}", algorithm="sha256").hexdigest()


@sensitive_variables()
def _basic_password(request: HttpRequest) -> str | None:
    """Return the password of HTTP Basic, with any name, or None."""
    scheme, _, encoded = request.headers.get("Authorization", "")[:MAX_HEADER].partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        sent = base64.b64decode(encoded.strip(), validate=True)
    except ValueError:  # also binascii.Error, which it is not for letters beyond ASCII
        return None
    try:
        text = sent.decode()
    except UnicodeDecodeError:
        text = sent.decode("latin-1")  # what older programs send
    return text.partition(":")[2]


@sensitive_variables("password")
def _is_known(link: LastingLink, password: str) -> bool:
    return bool(cache.get(_known_key(link, password)))


@sensitive_variables("password")
def _known_key(link: LastingLink, password: str) -> str:
    """Return the key under which the cache remembers a right password. The cache can't be searched for passwords."""
    text = f"{link.pk}\n{link.password}\n{password}"
    return "link-password:" + salted_hmac("links.password.known", text, algorithm="sha256").hexdigest()


def _count(request: HttpRequest, action: str, key: str) -> ratelimit.RateLimitUsage:
    """Count an attempt. allauth reads the limits (torbox_web/rate_limits.py)."""
    usage = ratelimit.consume(request, app="allauth.account", action=action, key=key, limit_get=True)
    if usage is None:
        raise TooManyGuesses
    return usage
