from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from . import health, metrics

WATCHED = {"/health/live": health.live, "/health/ready": health.ready, "/metrics": metrics.metrics}


class WatchedMiddleware:
    """Respond to health checks and scrapes before anything else looks at the request.

    They work for any Host, because container engines use addresses that aren't in ALLOWED_HOSTS, and the response
    depends on no header but the token. They use no session, so they work without the database too.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        view = WATCHED.get(request.path_info, self.get_response)
        return view(request)
