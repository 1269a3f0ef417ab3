"""What all requests of WebDAV clients have in common: who sends them, how often, and how refusals look."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from accounts.http import MemberRequest
from links.endings import NoSuchItem, NotNow

from .. import limits
from ..authentication import TooManyAttempts, token_of
from ..error_answers import mark
from ..scopes import Scope
from .tree import NoSuchPath

ALLOWED = "OPTIONS, PROPFIND, HEAD, GET"
SCOPES = {"PROPFIND": (Scope.READ,), "HEAD": (Scope.READ,), "GET": (Scope.READ, Scope.LINKS)}
ATTEMPT_AGAIN_AFTER = 60  # seconds


class DavRequest(MemberRequest):
    """A request of a WebDAV client, for the person of its token."""


View = Callable[..., HttpResponseBase]


def dav(view: View) -> View:
    """Let clients with a token call a view, with the methods that only read. OPTIONS needs no token."""

    # Cookies count for nothing here, so another site can't act with them.
    @csrf_exempt
    @login_not_required
    @wraps(view)
    def call(request: HttpRequest, path: str = "") -> HttpResponseBase:
        if request.method == "OPTIONS":
            return _options()
        if request.method not in SCOPES:
            return _with(line(_("This address is read-only."), 405), Allow=ALLOWED)
        try:
            return refusal_of(request) or _marked(view(request, path))
        except (NoSuchPath, NoSuchItem):
            return line("", 404)
        except NotNow as error:
            return _with(line("", 503), **{"Retry-After": _seconds(error.retry_after)})

    return call


def refusal_of(request: HttpRequest) -> HttpResponse | None:
    """Return why a request isn't carried out, or None. Else `request.user` is the person of its token."""
    try:
        token = token_of(request)
    except TooManyAttempts:
        text = _("Too many attempts. Wait a minute and try again.")
        return _with(line(text, 429), **{"Retry-After": str(ATTEMPT_AGAIN_AFTER)})
    if token is None:
        text = _("Sign in with your username and an API token as the password.")
        challenge = 'Basic realm="TorBox Web", charset="UTF-8"'
        return _with(line(text, 401), **{"WWW-Authenticate": challenge})
    if not all(token.allows(scope) for scope in SCOPES[request.method or ""]):
        return line(_("This token needs “Read” and “Links”."), 403)
    try:
        limits.count(token)
    except limits.LimitReached as error:
        return _with(line("", 429), **{"Retry-After": _seconds(error.retry_after)})
    return None


def line(text: str, status: int) -> HttpResponse:
    """Return a line of text. Without one, it says what the status means."""
    words = text or HTTPStatus(status).phrase
    response = HttpResponse(f"{words}\n", content_type="text/plain; charset=utf-8", status=status)
    return mark(response)


def _options() -> HttpResponse:
    """Return what this address can do. `MS-Author-Via` is for Windows."""
    response = HttpResponse(status=200)
    return _with(response, DAV="1", Allow=ALLOWED, **{"MS-Author-Via": "DAV"})


def _with(response: HttpResponse, **headers: str) -> HttpResponse:
    for name, value in headers.items():
        response[name] = value
    return mark(response)


def _marked(response: HttpResponseBase) -> HttpResponseBase:
    response["DAV"] = "1"
    return mark(response)  # type: ignore[arg-type]


def _seconds(seconds: float) -> str:
    return str(max(1, round(seconds)))
