"""What every answer to programs has in common, also when no view of ours made it."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from . import protocols
from .error_answers import answer_for, is_ours


class ApiMiddleware:
    """Keep answers to programs out of caches, cookies of the web app out of them, and pages out of their errors.

    A protocol that is off answers as an address that doesn't exist.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        protocol = protocols.protocol_of(request.path_info)
        if protocol is None:
            return self.get_response(request)
        response = self.get_response(request) if protocols.is_on(protocol) else HttpResponse(status=404)
        if response.status_code >= 400 and not is_ours(response):
            response = answer_for(protocol, response)
        response.headers.setdefault("Cache-Control", "no-store")
        response["X-Robots-Tag"] = "noindex, nofollow"
        return response
