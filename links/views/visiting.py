"""What every public address of a lasting link has in common: the link is found, its password asked for, and ends shown."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt

import torbox

from ..endings import LinkEnded, NoSuchItem, NoSuchLink, NotNow
from ..models import LastingLink
from ..services import passwords
from ..services.opening import Opened, open_link
from ..services.passwords import TooManyGuesses
from ..visitors import visitor_of
from .ending_text import ENDED, NO_SUCH_LINK, NOT_NOW, PASSWORD_REQUIRED, TOO_MANY_GUESSES, Words
from .entering import password_page

View = Callable[..., HttpResponse]
PAGE = "links:open"
BELOW = "/l/"  # the address of everything that works without signing in
RETRY_AFTER = 30  # seconds
GUESS_AGAIN_AFTER = 60  # seconds


def visiting(view: View) -> View:
    """Open the link of a token for a view, without signing in, once the visitor has its password.

    The view gets the opened link in place of the token. Whatever it raises about the link becomes an answer: a small
    page for browsers, a line of text for other programs.
    """

    # Visitors have no account that another site could act with, and without a referrer the check would refuse them.
    @csrf_exempt
    @login_not_required
    @wraps(view)
    def visit(request: HttpRequest, token: str, **rest: str) -> HttpResponse:
        try:
            opened = open_link(token, visitor_of(request))
            is_open = passwords.is_open_to(request, opened.link)
            response = view(request, opened, **rest) if is_open else _ask(request, opened)
        except Exception as error:
            response = _explained(request, error)
        return mark(response)

    return visit


def mark(response: HttpResponse) -> HttpResponse:
    """Mark a response as made for visitors, so that `links.middleware` leaves its page alone."""
    response.is_for_visitors = True  # type: ignore[attr-defined]
    return response


def is_for_visitors(response: HttpResponse) -> bool:
    """Return whether a view of lasting links made a response."""
    return getattr(response, "is_for_visitors", False)


def _explained(request: HttpRequest, error: Exception) -> HttpResponse:
    """Return an answer to what a link raised. Raises what no visitor can do anything about."""
    match error:
        case NoSuchLink() | NoSuchItem() | torbox.NotFound():
            return card(request, NO_SUCH_LINK, 404)
        case LinkEnded():
            return card(request, ENDED[error.ending], 410)
        case NotNow():
            return card(request, NOT_NOW, 503, error.retry_after)
        case torbox.TorBoxError():
            return card(request, NOT_NOW, 503, RETRY_AFTER)
        case TooManyGuesses():  # Download managers give up on 429.
            return card(request, TOO_MANY_GUESSES, 503, GUESS_AGAIN_AFTER)
    raise error


def wants_page(request: HttpRequest) -> bool:
    """Return whether a browser shows the answer to a person."""
    return "text/html" in request.headers.get("Accept", "")


def card(request: HttpRequest, words: Words, status: int, retry_after: float | None = None) -> HttpResponse:
    """Say why a link doesn't work: on a small page, or to other programs in a line of text."""
    response: HttpResponse
    if wants_page(request):
        response = render(request, "links/card.html", words._asdict(), status=status)
    else:
        response = HttpResponse(f"{words.title}\n", "text/plain; charset=utf-8", status=status)
    if retry_after is not None:
        response["Retry-After"] = str(max(1, round(retry_after)))
    return response


def _ask(request: HttpRequest, opened: Opened) -> HttpResponse:
    """Ask for the password: on the link's page, or of other programs by HTTP Basic."""
    if opened.link.kind == LastingLink.Kind.SHARE:
        if request.resolver_match and request.resolver_match.view_name == PAGE:
            return password_page(request, opened)
        if wants_page(request):
            return HttpResponseRedirect(reverse(PAGE, args=[opened.token]), status=303)
    response = HttpResponse(f"{PASSWORD_REQUIRED.title}\n", "text/plain; charset=utf-8", status=401)
    response["WWW-Authenticate"] = 'Basic realm="Link", charset="UTF-8"'
    return response
