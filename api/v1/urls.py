"""The addresses below /api/v1/. They are imported with the first request to one, because pydantic takes memory."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponseBase
from django.urls import URLPattern, path
from django.views.decorators.csrf import csrf_exempt

from .api import api
from .document import openapi
from .documentation import documentation

View = Callable[..., HttpResponseBase]


def for_programs(view: View) -> View:
    """Answer without a session, and HEAD like GET, whose body HeadMiddleware removes."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        method = request.method
        request.method = "GET" if method == "HEAD" else method
        try:
            return view(request, *args, **kwargs)
        finally:
            request.method = method

    return csrf_exempt(login_not_required(answer))


operations = api.urls[0]
for operation in operations:
    if isinstance(operation, URLPattern):
        operation.callback = for_programs(operation.callback)

urlpatterns = [
    path("docs/", documentation, name="documentation"),
    path("openapi.json", for_programs(openapi), name="openapi"),
    *operations,
]
