"""What programs get in place of the web app's pages about errors: a problem as JSON, or a line of text."""

from __future__ import annotations

import json
from http import HTTPStatus

from django.http import HttpResponse

from .scopes import Protocol

# The codes of problems that come from outside our views, by status.
CODES = {
    400: "malformed",
    401: "unauthenticated",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    413: "too_large",
    429: "too_many_requests",
}
KEPT = ("Allow", "Retry-After", "WWW-Authenticate")


def mark(response: HttpResponse) -> HttpResponse:
    """Mark an answer as made for programs, so that the middleware leaves it alone."""
    response.is_for_programs = True  # type: ignore[attr-defined]
    return response


def is_ours(response: HttpResponse) -> bool:
    """Return whether a view for programs made an answer."""
    return getattr(response, "is_for_programs", False)


def answer_for(protocol: Protocol, response: HttpResponse) -> HttpResponse:
    """Return an answer with the status of another one, in the form of a protocol."""
    status = response.status_code
    phrase = _phrase(status)
    if protocol == Protocol.REST:
        code = CODES.get(status, "unavailable" if status >= 500 else "refused")
        problem = {"type": "about:blank", "title": phrase, "status": status, "code": code}
        answer = HttpResponse(json.dumps(problem), content_type="application/problem+json", status=status)
    else:
        answer = HttpResponse(f"{phrase}\n", content_type="text/plain; charset=utf-8", status=status)
    for header in KEPT:
        if header in response:
            answer[header] = response[header]
    return mark(answer)


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:  # a number of someone else's
        return "Error"
