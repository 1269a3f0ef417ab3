"""Operations on one torrent, each with a URL to post to. Those on several at once are in bulk.py."""

from __future__ import annotations

from collections.abc import Sequence

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST
from django_htmx.http import trigger_client_event

from accounts.http import MemberRequest
from localization.formats import number
from torrents.access import controllable, controllable_torrent
from torrents.formatting import name_in_text
from torrents.models import Torrent
from torrents.operations import DELETE, OPERATIONS
from torrents.services.actions import adding, controlling

from ..return_url import list_url


@require_POST
def control(request: MemberRequest, pk: int, operation: str) -> HttpResponse:
    """Record an operation that needs no confirmation."""
    if operation not in OPERATIONS or OPERATIONS[operation].confirm:
        raise Http404
    torrent = controllable_torrent(request, pk)
    controlling.control(person=request.user, torrents=[torrent], operation=operation)
    return changed(request)


@require_http_methods(["GET", "HEAD", "POST"])
def remove(request: MemberRequest, pk: int) -> HttpResponse:
    """Ask for confirmation, then delete the torrent."""
    torrent = controllable_torrent(request, pk)
    if request.method != "POST":
        return ask_to_remove(request, [torrent], reverse("torrents:remove", args=[pk]))
    controlling.remove(person=request.user, torrents=[torrent])
    undo = reverse("torrents:restore", args=[pk])
    deleted = _("Deleted “%(name)s”.") % {"name": name_in_text(str(torrent))}
    messages.success(request, deleted, extra_tags=undo)
    return changed(request, to="torrents:list")


@require_POST
def restore(request: MemberRequest, pk: int) -> HttpResponse:
    """Undo a deletion that hasn't reached TorBox yet."""
    torrent = get_object_or_404(controllable(request), pk=pk)
    if controlling.restore([torrent]):
        messages.success(request, _("Restored “%(name)s”.") % {"name": name_in_text(str(torrent))})
    else:
        text = _("TorBox has already deleted it. You can add it again from “Deleted” in your menu.")
        messages.warning(request, text)
    return changed(request)


@require_POST
def retry(request: MemberRequest, pk: int) -> HttpResponse:
    """Add a torrent again that failed, is gone, or was deleted."""
    torrent = get_object_or_404(controllable(request), pk=pk)
    if torrent.ended or torrent.removed_at:
        adding.add_again(person=request.user, torrent=torrent)
        messages.success(request, _("Adding “%(name)s” again.") % {"name": name_in_text(str(torrent))})
    return changed(request)


@require_POST
def clear(request: MemberRequest, pk: int) -> HttpResponse:
    """Remove a torrent from the list that TorBox doesn't have."""
    torrent = controllable_torrent(request, pk)
    if torrent.ended and torrent.remote_id is None:
        controlling.clear([torrent])
    return changed(request, to="torrents:list")


def ask_to_remove(request: MemberRequest, torrents: Sequence[Torrent], action_url: str) -> HttpResponse:
    """Ask for confirmation before deleting. Exactly the torrents that it lists are deleted."""
    title, button = _("Delete this torrent?"), str(OPERATIONS[DELETE].label)
    if (count := len(torrents)) != 1:
        title = ngettext("Delete %(count)s torrent?", "Delete %(count)s torrents?", count)
        title %= {"count": number(count)}
        # Translators: a button; the number of torrents to be deleted.
        button = _("Delete %(count)s") % {"count": number(count)}
    context = {
        "torrents": torrents,
        "ids": ",".join(str(torrent.pk) for torrent in torrents),
        "title": title,
        "button": button,
        "undo_seconds": settings.UNDO_SECONDS,
        "action_url": action_url,
    }
    template = "torrents/_remove_dialog.html" if request.htmx else "torrents/remove.html"
    return render(request, template, context)


def changed(request: MemberRequest, to: str = "") -> HttpResponse:
    """Tell the page that the list changed. Without htmx, redirect to `to`, else back to the list."""
    if request.htmx:
        return trigger_client_event(HttpResponse(status=204), "list-changed")
    return redirect(to or list_url(request))
