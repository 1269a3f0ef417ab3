"""Find out for whom a program acts: a token as Bearer, or with the person's name as HTTP Basic.

Cookies of the web app count for nothing here (`middleware.ApiMiddleware`), so no other site can act with them.
"""

from __future__ import annotations

import base64

from allauth.core.internal import ratelimit
from django.http import HttpRequest
from django.views.decorators.debug import sensitive_variables

from accounts.models import User
from accounts.names import name_key

from .models import ApiToken
from .services import tokens, uses

MAX_HEADER = 8_000  # characters
ATTEMPTS = "api_token"  # in torbox_web/rate_limits.py


class TooManyAttempts(Exception):
    """Too many wrong tokens came from this network."""


@sensitive_variables()
def token_of(request: HttpRequest) -> ApiToken | None:
    """Return the token that came with a request, or None if none did, or a wrong one.

    `request.user` becomes its person. Raises `TooManyAttempts`.
    """
    scheme, _, sent = request.headers.get("Authorization", "")[:MAX_HEADER].partition(" ")
    if scheme.lower() == "bearer":
        return checked(request, sent.strip())
    if scheme.lower() == "basic":
        name, text = _basic(sent)
        return checked(request, text, name=name)
    return None


@sensitive_variables("text")
def checked(request: HttpRequest, text: str, *, name: str | None = None) -> ApiToken | None:
    """Return the token with this text, or None. With `name`, it must be that of its person. Raises `TooManyAttempts`.

    Only wrong tokens count, and a right one always works: no one can guess it.
    """
    token = tokens.find(text)
    if token is None or (name is not None and name_key(token.person.username) != name_key(name)):
        _count_wrong(request)
        return None
    accept(request, token)
    return token


def accept(request: HttpRequest, token: ApiToken) -> None:
    """Let a request act for the person of a token, and note the token's use."""
    request.user = token.person
    uses.note_use(token, request.META.get("REMOTE_ADDR", ""))


def person_of(request: HttpRequest) -> User:
    """Return whom a request acts for, once `token_of` or `checked` has found a token."""
    person = request.user
    assert isinstance(person, User)  # noqa: S101 - for the type checker
    return person


@sensitive_variables()
def _basic(sent: str) -> tuple[str, str]:
    """Return name and password of HTTP Basic; both are empty if it can't be read."""
    try:
        data = base64.b64decode(sent.strip(), validate=True)
    except ValueError:  # also binascii.Error, which it is not for letters beyond ASCII
        return "", ""
    try:
        text = data.decode()
    except UnicodeDecodeError:
        text = data.decode("latin-1")  # what older programs send
    name, _, password = text.rpartition(":")  # a name may contain a colon, a token can't
    return name, password


def _count_wrong(request: HttpRequest) -> None:
    """Count a wrong token from this address. Raises `TooManyAttempts`."""
    if ratelimit.consume(request, app="allauth.account", action=ATTEMPTS, limit_get=True) is None:
        raise TooManyAttempts
