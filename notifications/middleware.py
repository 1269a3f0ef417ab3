"""What every page does for the bell, and for the device of a browser that signs out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django_htmx.http import trigger_client_event

from accounts.bookkeeping import write_if_possible

from .pages.bell_text import bell_text
from .pages.unread import count_again, unread_lines
from .services import devices, reading, signed_in_devices

TORRENT_PAGE = "torrents:detail"


class BellMiddleware:
    """Tell pages what the bell shows now, with any response to htmx, and mark as read what an opened torrent is about."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.headers.get("HX-Request") and response.status_code < 300 and request.user.is_authenticated:
            count, label = bell_text(unread_lines(request.user))
            trigger_client_event(response, "bell", {"count": count, "label": label})
        return response

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], args: Any, kwargs: dict[str, Any]
    ) -> None:
        """Mark what the person was told about a torrent as read when they open it."""
        match = request.resolver_match
        if match is None or match.view_name != TORRENT_PAGE or not request.user.is_authenticated:
            return
        person = request.user
        if unread_lines(person) and write_if_possible(lambda: reading.torrent_opened(person, kwargs["pk"])):
            count_again(person)


class SignedOutMiddleware:
    """Remove the device of a browser when its person signs out, or when their session ends with this request."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        person = request.user
        held = signed_in_devices.held_by(request.session) if person.is_authenticated else 0
        response = self.get_response(request)
        if held and person.is_authenticated and not request.user.is_authenticated:
            write_if_possible(lambda: devices.remove(person, held))
        return response
