"""Answers made without ninja's own serialization, which is slow for long lists, and answers that haven't changed."""

from __future__ import annotations

import hashlib

from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response
from django.utils.translation import get_language

from .schemas.base import Answer


def tag_of(*parts: object) -> str:
    """Return the ETag of an answer made from these parts, in the language of the request."""
    text = "\n".join(map(str, (get_language(), *parts)))
    return f'W/"{hashlib.blake2b(text.encode(), digest_size=12).hexdigest()}"'


def unchanged(request: HttpRequest, tag: str) -> HttpResponse | None:
    """Return a 304 if the program already has the answer with this tag."""
    known = get_conditional_response(request, etag=tag)
    if not isinstance(known, HttpResponse) or known.status_code != 304:
        return None
    return _tagged(known, tag)


def json_answer(answer: Answer, tag: str = "") -> HttpResponse:
    """Return an answer with its tag, which a program sends back as `If-None-Match`."""
    response = HttpResponse(answer.model_dump_json(), content_type="application/json")
    return _tagged(response, tag) if tag else response


def _tagged(response: HttpResponse, tag: str) -> HttpResponse:
    """Let the program keep an answer, and ask each time whether it has changed."""
    response["ETag"] = tag
    response["Cache-Control"] = "private, no-cache"
    return response
