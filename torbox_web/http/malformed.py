"""Refuse requests that no browser sends before they reach a view, a form, or the database."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from django.conf import settings
from django.core.exceptions import (
    BadRequest,
    RequestDataTooBig,
    TooManyFieldsSent,
    TooManyFilesSent,
)
from django.http import Http404, HttpRequest, HttpResponse, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from localization import formats

from .middleware import refuse

CANNOT_BE_READ = (
    BadRequest,
    MultiPartParserError,
    UnreadablePostError,  # the connection broke
    LookupError,  # a codec that isn't for text
    ValueError,
)


class MalformedRequestMiddleware:
    """Answer an unreadable body or query, a charset other than UTF-8, and NUL characters with a readable page.

    Comes before the middleware that reads cookies, and before CsrfViewMiddleware, which reads the body.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        # A quoted cookie may contain a NUL, which PostgreSQL doesn't accept in a session key.
        request.COOKIES = {name: text for name, text in request.COOKIES.items() if "\0" not in text}
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *view: Any) -> HttpResponse | None:
        if "\0" in request.path_info:
            raise Http404
        problem = _problem(request)
        return refuse(request, *problem) if problem else None


def _problem(request: HttpRequest) -> tuple[str, str, int] | None:
    """Return what is wrong with a request, as `refuse` takes it: title, text, status."""
    charset = (request.content_params or {}).get("charset", "utf-8")
    if charset.lower() not in ("utf-8", "utf8"):
        return _unreadable()
    try:
        return _nul() if any("\0" in text for text in _texts(request)) else None
    except TooManyFilesSent:
        text = _too_many_files(settings.DATA_UPLOAD_MAX_NUMBER_FILES)
    except TooManyFieldsSent:
        text = _too_many_fields(settings.DATA_UPLOAD_MAX_NUMBER_FIELDS)
    except RequestDataTooBig:
        text = _too_much_text(settings.DATA_UPLOAD_MAX_MEMORY_SIZE // 1024**2)
    except CANNOT_BE_READ:
        return _unreadable()
    return _("Too much at once"), text, 413


def _unreadable() -> tuple[str, str, int]:
    text = _(
        "The server couldn’t read your browser’s request, so nothing was changed. Reload the page and try again."
    )
    return _("Unreadable request"), text, 400


def _nul() -> tuple[str, str, int]:
    text = _("Your text contains a NUL character, so nothing was changed. Remove it and try again.")
    return _("Unsupported character"), text, 400


def _too_many_files(limit: int) -> str:
    return ngettext(
        "You sent more than %(count)s file at once, so nothing was added. Add the files in smaller groups.",
        "You sent more than %(count)s files at once, so nothing was added. Add the files in smaller groups.",
        limit,
    ) % {"count": formats.number(limit)}


def _too_many_fields(limit: int) -> str:
    return ngettext(
        "You sent more than %(count)s form field at once, so nothing was changed. Select fewer and try again.",
        "You sent more than %(count)s form fields at once, so nothing was changed. Select fewer and try again.",
        limit,
    ) % {"count": formats.number(limit)}


def _too_much_text(megabytes: int) -> str:
    return _(
        "You sent more than %(count)s MB of text at once, so nothing was changed. Send it in smaller parts."
    ) % {"count": formats.number(megabytes)}


def _texts(request: HttpRequest) -> Iterator[str]:
    """Yield every name and value of the query and the form."""
    for data in (request.GET, request.POST):
        for name, values in data.lists():
            yield name
            yield from values
