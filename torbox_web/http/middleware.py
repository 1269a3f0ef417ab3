"""Treat every response alike: toasts for htmx, readable refusals, and a limit on the size of requests."""

from __future__ import annotations

import contextlib
import json
import math
from collections.abc import Callable

from django.conf import settings
from django.contrib import messages
from django.contrib.messages.storage.base import Message
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse, UnreadablePostError
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

import torbox
from accounts.toasts import offers
from accounts.torbox_error_text import explain
from localization import formats


class HeadMiddleware:
    """Answer HEAD like GET, without the body. gunicorn would drop the body too, but with a warning each time."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.method == "HEAD" and isinstance(response, StreamingHttpResponse):
            response.streaming_content = []
        elif request.method == "HEAD":
            response.content = b""
        return response


class DrainMiddleware:
    """Read the rest of a request's body before answering, up to twice MAX_BODY.

    A server that closes a connection while the client is still sending resets it. The client then never sees the
    response: browsers show their own error page, and nginx answers 502.
    """

    CHUNK = 64 * 1024  # bytes

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if _body_length(request) <= 2 * settings.MAX_BODY:
            with contextlib.suppress(UnreadablePostError):
                while request.read(self.CHUNK):
                    pass
        return response


class PrivatePagesMiddleware:
    """Keep browsers and proxies from storing pages of signed-in people, unless a view says otherwise."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        # Check the header first: a response made without the database sets it, and its request no longer has a user.
        if "Cache-Control" not in response and request.user.is_authenticated:
            response["Cache-Control"] = "no-store, private"
        return response


class ToastMiddleware:
    """Send pending messages to htmx in the HX-Trigger header. Full pages show theirs themselves."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        leads_on = 300 <= response.status_code < 400 or "HX-Redirect" in response
        if request.headers.get("HX-Request") and not leads_on:
            items = [_toast(message) for message in messages.get_messages(request)]
            if items:
                triggers = json.loads(response.get("HX-Trigger", "{}"))
                response["HX-Trigger"] = json.dumps(triggers | {"toast": {"items": items}})
        return response


class BodySizeMiddleware:
    """Refuse a request larger than MAX_BODY before a view or a form reads it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if _body_length(request) <= settings.MAX_BODY:
            return self.get_response(request)
        text = _(
            "You sent more than %(count)s MB at once, so nothing was added. Add the .torrent files in smaller groups."
        ) % {"count": formats.number(settings.MAX_BODY // 1024**2)}
        return refuse(request, _("Too much at once"), text, 413)


class TorBoxErrorMiddleware:
    """Explain errors of TorBox in a sentence and answer with a matching status."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, torbox.TorBoxError):
            return None
        return refuse(request, *explain(error))


def refuse(request: HttpRequest, title: str, text: str, status: int) -> HttpResponse:
    """Say why a request was refused: in a toast for htmx, otherwise on a page with a link back."""
    if request.headers.get("HX-Request"):
        messages.error(request, text)
        return HttpResponse(status=status)
    home = reverse("torrents:list")
    back_url = request.META["HTTP_REFERER"] if _is_own(request) else home
    context = {"title": title, "text": text, "back_url": back_url}
    return render(request, "refused.html", context, status=status)


def _body_length(request: HttpRequest) -> float:
    """Return the length a request claims for its body, in bytes. Infinite if the header isn't a number."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    return int(length) if length.isascii() and length.isdecimal() and len(length) < 20 else math.inf


def _toast(message: Message) -> dict[str, str]:
    """Return a message for the toast script."""
    return {"text": str(message), "level": message.level_tag, **offers(message)}


def _is_own(request: HttpRequest) -> bool:
    """Return whether the previous page is one of ours. Another app may be on the same host."""
    referer: str = request.META.get("HTTP_REFERER", "")
    return referer.startswith(request.build_absolute_uri(reverse("torrents:list")))
