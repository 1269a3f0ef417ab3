from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from . import health, metrics

WATCHED = {"/health/live": health.live, "/health/ready": health.ready, "/metrics": metrics.metrics}


class WatchedMiddleware:
    """Answers what watches this instance before anything else looks at the request.

    For any Host: container engines and orchestrators ask by an address nobody lists in ALLOWED_HOSTS, and the
    answer depends on no header but the token. And without a session, so that it comes even when the database does not.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        view = WATCHED.get(request.path_info, self.get_response)
        return view(request)
