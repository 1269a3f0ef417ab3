"""*Notify me* and *Mute* for a torrent."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from django_htmx.http import trigger_client_event

from accounts.http import MemberRequest
from torrents.access import visible_torrent
from torrents.formatting import name_in_text
from torrents.pages.return_url import list_url

from ..services import choices


@require_POST
def follow(request: MemberRequest, pk: int) -> HttpResponse:
    """Tell the person about a torrent as if they had added it."""
    torrent = visible_torrent(request, pk)
    choices.follow(request.user, torrent.pk)
    words = _("We’ll notify you about “%(name)s”.") % {"name": name_in_text(str(torrent))}
    messages.success(request, words, extra_tags=reverse("notifications:reset", args=[pk]))
    return _changed(request)


@require_POST
def mute(request: MemberRequest, pk: int) -> HttpResponse:
    """Tell the person nothing more about a torrent."""
    torrent = visible_torrent(request, pk)
    choices.mute(request.user, torrent.pk)
    words = _("Muted “%(name)s”.") % {"name": name_in_text(str(torrent))}
    messages.success(request, words, extra_tags=reverse("notifications:reset", args=[pk]))
    return _changed(request)


@require_POST
def reset(request: MemberRequest, pk: int) -> HttpResponse:
    """Undo *Notify me* or *Mute*."""
    torrent = visible_torrent(request, pk)
    choices.reset(request.user, torrent.pk)
    words = _("“%(name)s” is back to the usual notifications.") % {"name": name_in_text(str(torrent))}
    messages.success(request, words)
    return _changed(request)


def _changed(request: MemberRequest) -> HttpResponse:
    """Tell the page that menus and the bell changed. Without htmx, redirect to the page that the person came from."""
    if not request.htmx:
        return redirect(_came_from(request))
    response = HttpResponse(status=204)
    for event in ("menus-changed", "bell-changed"):
        response = trigger_client_event(response, event)
    return response


def _came_from(request: HttpRequest) -> str:
    referer = request.headers.get("Referer", "")
    ours = url_has_allowed_host_and_scheme(referer, {request.get_host()})
    page = reverse("notifications:page")
    return page if ours and urlsplit(referer).path == page else list_url(request)
