"""The OpenAPI document, for programs with any token and for people who are signed in."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe
from ninja.errors import AuthenticationError
from ninja.responses import Response

from . import auth
from .api import api


@require_safe
def openapi(request: HttpRequest) -> HttpResponse:
    """Return the document."""
    try:
        if not request.user.is_authenticated and auth.anyone(request) is None:
            raise AuthenticationError
    except Exception as error:
        return api.on_exception(request, error)
    return Response(document())


@cache
def document() -> dict[str, Any]:
    """Return the document as data. It is the same for everyone."""
    return api.get_openapi_schema()
