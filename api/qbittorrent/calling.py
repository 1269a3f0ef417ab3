"""What all calls of the qBittorrent API have in common: who makes them, how often, and how refusals look.

A view for reading is decorated with `reads`, one that asks TorBox with `asks`, one that changes something with `changes`:

    @changes
    def delete(request: Call) -> HttpResponse:
        rows = named(Torrent.objects.controllable_by(request.user).listed(), text_of(request, "hashes"))
        …
        return ok()

The view gets a `Call`: `request.user` is the person that the program acts for, `request.token` its token, which has the
scope `qbittorrent`. `text_of` reads a parameter, from the form or the query. A view answers with `ok`, `fails`, `line`,
`data`, or raises `Refused`. Http404 and TorBox's errors become lines of text, none of them
with a status of 500 or above. Reads and questions take GET and POST, changes only POST, so that no link changes anything.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any, cast
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from pydantic import TypeAdapter

import torbox
from accounts.http import MemberRequest

from .. import limits
from ..authentication import TooManyAttempts, accept, token_of
from ..error_answers import mark
from ..models import ApiToken
from ..scopes import Scope
from .sessions import token_of_session

READS, CHANGES = ("GET", "HEAD", "POST"), ("POST",)
TEXT = "text/plain; charset=utf-8"
MAX_DIGITS = 18
JSON = TypeAdapter(Any)  # three times as fast as that of the standard library
COMPRESSED_FROM = 10_000  # bytes
ACCEPTS_GZIP = re.compile(r"\bgzip\b")  # as Django's middleware
TRUE = ("true", "1", "on", "yes")


class Call(MemberRequest):
    """A request of a program, for the person of its token."""

    token: ApiToken


class Refused(Exception):
    """A call isn't carried out. `text` is a line about it; without one, it is that of the status."""

    def __init__(self, status: int, text: str = "") -> None:
        super().__init__(status)
        self.status, self.text = status, text


View = Callable[..., HttpResponse]


def reads(view: Callable[..., HttpResponse]) -> View:
    """Let programs with a token call a view that changes nothing, with GET or POST."""
    return _calling(view, READS)


def asks(view: Callable[..., HttpResponse]) -> View:
    """Let programs call a view like one for reading that asks TorBox, so it counts like a change."""
    return _calling(view, READS, costly=True)


def changes(view: Callable[..., HttpResponse]) -> View:
    """Let programs with a token call a view that changes something, with POST only."""
    return _calling(view, CHANGES)


def open_to_all(view: Callable[..., HttpResponse], methods: tuple[str, ...] = CHANGES) -> View:
    """Let anyone call a view: it finds out who they are by itself."""

    # The cookies of the web app count for nothing here, and that of this API isn't sent along by other sites.
    @csrf_exempt
    @login_not_required
    @wraps(view)
    def call(request: HttpRequest, **rest: Any) -> HttpResponse:
        if request.method not in methods:
            response = line("", 405)
            response["Allow"] = ", ".join(methods)
            return response
        try:
            return mark(view(request, **rest))
        except Exception as error:
            return _refusal(error)

    return call


def text_of(request: HttpRequest, name: str, default: str = "") -> str:
    """Return a parameter, from the form if it is there, else from the query."""
    return request.POST.get(name, request.GET.get(name, default))


def flag_of(request: HttpRequest, name: str) -> bool:
    """Return whether a parameter is set to a word for yes."""
    return text_of(request, name).strip().lower() in TRUE


def number_of(request: HttpRequest, name: str) -> int:
    """Return a parameter that is a whole number, or 0 if it isn't one."""
    text = text_of(request, name).strip()
    digits = text.removeprefix("-")
    return int(text) if digits.isascii() and digits.isdecimal() and len(digits) <= MAX_DIGITS else 0


def ok() -> HttpResponse:
    """Return the answer to most calls that change something and to sign-in."""
    return line("Ok.")


def fails() -> HttpResponse:
    """Return what qBittorrent answers, with status 200, to a wrong sign-in and an add that it refuses."""
    return line("Fails.")


def line(text: str, status: int = 200) -> HttpResponse:
    """Return a line of text. Without one, an error says what its status means."""
    phrase = HTTPStatus(status).phrase if status >= 400 else ""
    return mark(HttpResponse(text or phrase, content_type=TEXT, status=status))


def data(request: HttpRequest, facts: Any) -> HttpResponse:
    """Return JSON. Long lists are compressed here, in a third of the time that the middleware takes."""
    content = JSON.dump_json(facts)
    is_long = len(content) >= COMPRESSED_FROM and ACCEPTS_GZIP.search(
        request.headers.get("Accept-Encoding", "")
    )
    response = HttpResponse(gzip.compress(content, 1) if is_long else content, "application/json")
    if is_long:
        response["Content-Encoding"] = "gzip"
        patch_vary_headers(response, ["Accept-Encoding"])
    return response


def is_foreign(request: HttpRequest) -> bool:
    """Return whether a page of another site sends this request, with the cookie that a browser has for ours."""
    origin = request.headers.get("Origin")
    if origin is None or origin == settings.SITE_ORIGIN:
        return False
    try:
        return urlsplit(origin).netloc != request.get_host()
    except ValueError:  # an address that is none
        return True


def _calling(view: View, methods: tuple[str, ...], *, costly: bool = False) -> View:
    @wraps(view)
    def call(request: HttpRequest, **rest: Any) -> HttpResponse:
        token = _token_of(request)
        if token is None or not token.allows(Scope.QBITTORRENT):
            return line("", 403)
        limits.count(token, changes=costly or methods == CHANGES)
        known = cast(Call, request)
        known.token = token
        return view(known, **rest)

    return open_to_all(call, methods)


def _token_of(request: HttpRequest) -> ApiToken | None:
    """Return the token of the session, else the one that came with the request.

    Some programs send HTTP Basic along with every call and with the cookie.
    """
    if not is_foreign(request) and (token := token_of_session(request)):
        accept(request, token)
        return token
    return token_of(request)


def _refusal(error: Exception) -> HttpResponse:
    """Return the answer to an error. Raise anything else, which is a bug."""
    match error:
        case Refused():
            return line(error.text, error.status)
        case Http404():
            return line("", 404)
        case TooManyAttempts():
            return line(_("Too many attempts. Wait a minute and try again."), 403)
        case limits.LimitReached():
            response = line("", 429)
            response["Retry-After"] = str(max(1, round(error.retry_after)))
            return response
        case torbox.TorBoxError():  # Programs give up on 5xx.
            return line(_words(error), 409)
    raise error


def _words(error: torbox.TorBoxError) -> str:
    """Return why TorBox didn't do what it was asked."""
    match error:
        case torbox.RateLimited():
            return _("TorBox’s rate limit was reached. Wait a minute and try again.")
        case torbox.AuthError():
            return _("TorBox rejected the API key.")
        case torbox.Unavailable():
            return _("TorBox isn’t responding.")
    return error.detail or _("TorBox refused.")
