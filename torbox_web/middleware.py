"""Habits of every answer: messages reach htmx pages as toasts, refusals are readable, and nothing too large is read."""

from __future__ import annotations

import json
from collections.abc import Callable

from django.conf import settings
from django.contrib import messages
from django.contrib.messages.storage.base import Message
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

import torbox


class ToastMiddleware:
    """Pending messages of an htmx request travel in its HX-Trigger header; full pages print theirs."""

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
    """A request larger than MOST_BODY is refused before anything of it is read or kept."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        length = request.META.get("CONTENT_LENGTH") or "0"
        if length.isascii() and length.isdecimal() and int(length) <= settings.MOST_BODY:
            return self.get_response(request)
        most = settings.MOST_BODY // 1024**2
        text = f"That is more than {most} MB at once. Nothing was added; add the .torrent files in smaller groups."
        return refuse(request, "Too much at once", text, 413)


class TorBoxErrorMiddleware:
    """What TorBox could not or would not do becomes one sentence and an honest status."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, torbox.TorBoxError):
            return None
        return refuse(request, *explain(error))


def refuse(request: HttpRequest, title: str, text: str, status: int) -> HttpResponse:
    """One sentence: as a toast for htmx, else on a page that leads back."""
    if request.headers.get("HX-Request"):
        messages.error(request, text)
        return HttpResponse(status=status)
    home = reverse("torrents:list")
    back_url = request.META["HTTP_REFERER"] if _is_own(request) else home
    context = {"title": title, "text": text, "back_url": back_url}
    return render(request, "refused.html", context, status=status)


def explain(error: torbox.TorBoxError) -> tuple[str, str, int]:
    """Title, sentence and status: what happened, whose fault it is, what to do next."""
    said = f" It said: “{error.detail}”" if error.detail else ""
    if isinstance(error, torbox.AuthError):
        return (
            "The key is refused",
            f"TorBox does not accept this account’s key any more.{said} Its owner can enter a new one.",
            409,
        )
    if isinstance(error, torbox.RateLimited):
        again = f"in {int(error.retry_after) + 1} s" if error.retry_after else "in a minute"
        return "Too many at once", f"TorBox asks us to slow down. Try again {again}.", 429
    if isinstance(error, torbox.NotFound):
        return (
            "TorBox does not find it",
            f"TorBox does not have this any more, or not yet.{said} Refresh the list.",
            404,
        )
    if isinstance(error, torbox.Malformed):
        return (
            "TorBox’s answer makes no sense",
            "TorBox answered something that cannot be understood; nothing is lost. Try again in a moment.",
            502,
        )
    if isinstance(error, torbox.Unavailable):
        return (
            "TorBox does not answer",
            "TorBox could not be reached just now; nothing is lost. Try again in a moment.",
            502,
        )
    return "TorBox said no", f"TorBox refused this.{said}", 409


def _toast(message: Message) -> dict[str, str]:
    """The address that undoes it travels as the message's extra tag."""
    return {"text": str(message), "level": message.level_tag, "undo": message.extra_tags or ""}


def _is_own(request: HttpRequest) -> bool:
    """Whether the page before is one of ours; another app may be on the same host."""
    referer: str = request.META.get("HTTP_REFERER", "")
    return referer.startswith(request.build_absolute_uri(reverse("torrents:list")))
