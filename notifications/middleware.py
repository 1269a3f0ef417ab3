"""Turn push off in a browser that signs out."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from accounts.bookkeeping import write_if_possible

from .services import devices, signed_in_devices


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
