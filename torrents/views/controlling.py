"""What is done to torrents: one POST address per verb. Several at once: bulk.py."""

from __future__ import annotations

from collections.abc import Sequence

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST
from django_htmx.http import trigger_client_event

from accounts.http import MemberRequest

from ..formatting import display_name
from ..formatting import torrents as torrents_in_words
from ..models import Torrent, TorrentQuerySet
from ..services import adding, controlling
from .coming_back import list_url

OPERATIONS = [operation for operation in controlling.LABELS if operation != controlling.DELETE]


@require_POST
def control(request: MemberRequest, pk: int, operation: str) -> HttpResponse:
    if operation not in OPERATIONS:
        raise Http404
    torrent = controllable_torrent(request, pk)
    controlling.control(person=request.user, torrents=[torrent], operation=operation)
    return changed(request)


@require_http_methods(["GET", "POST"])
def remove(request: MemberRequest, pk: int) -> HttpResponse:
    torrent = controllable_torrent(request, pk)
    if request.method == "GET":
        return ask_to_remove(request, [torrent], reverse("torrents:remove", args=[pk]))
    controlling.remove(person=request.user, torrents=[torrent])
    undo = reverse("torrents:restore", args=[pk])
    messages.success(request, f"Deleted {display_name(str(torrent), 60)}", extra_tags=undo)
    return changed(request, to="torrents:list")


@require_POST
def restore(request: MemberRequest, pk: int) -> HttpResponse:
    torrent = get_object_or_404(controllable(request), pk=pk)
    if controlling.restore([torrent]):
        messages.success(request, "It is back.")
    else:
        messages.warning(request, "TorBox has deleted it already. “Deleted” in your menu adds it again.")
    return changed(request)


@require_POST
def retry(request: MemberRequest, pk: int) -> HttpResponse:
    """Again, whether it failed, is gone, or was deleted."""
    torrent = get_object_or_404(controllable(request), pk=pk)
    if torrent.ended or torrent.removed_at:
        adding.add_again(person=request.user, torrent=torrent)
        messages.success(request, f"{display_name(str(torrent), 60)} is added again.")
    return changed(request)


@require_POST
def clear(request: MemberRequest, pk: int) -> HttpResponse:
    torrent = controllable_torrent(request, pk)
    if torrent.ended and torrent.remote_id is None:
        controlling.clear([torrent])
    return changed(request, to="torrents:list")


def controllable_torrent(request: MemberRequest, pk: int) -> Torrent:
    """The torrent if the person may do something to it; anything else does not exist."""
    return get_object_or_404(controllable(request).listed(), pk=pk)


def controllable(request: MemberRequest) -> TorrentQuerySet:
    return Torrent.objects.controllable_by(request.user).select_related("account")


def ask_to_remove(request: MemberRequest, torrents: Sequence[Torrent], action_url: str) -> HttpResponse:
    """The question before deleting: it names what will go, and what it names is what goes."""
    several = len(torrents) != 1
    names = " and ".join(display_name(str(torrent), 80) for torrent in torrents[:2])
    more = f" and {len(torrents) - 2:,} more" if len(torrents) > 2 else ""
    context = {
        "torrents": torrents,
        "ids": ",".join(str(torrent.pk) for torrent in torrents),
        "title": f"Delete {torrents_in_words(len(torrents))}?" if several else "Delete this torrent?",
        "text": f"{names}{more}. TorBox deletes {'them' if several else 'it'} for everyone in the house. "
        f"You can undo this for {settings.UNDO_SECONDS} seconds, and add again later.",
        "button": f"Delete {len(torrents):,}" if several else "Delete",
        "action_url": action_url,
    }
    template = "torrents/_remove_dialog.html" if request.htmx else "torrents/remove.html"
    return render(request, template, context)


def changed(request: MemberRequest, to: str = "") -> HttpResponse:
    """Tell the page that the list changed; without htmx go back to where the button was."""
    if request.htmx:
        return trigger_client_event(HttpResponse(status=204), "list-changed")
    return redirect(to or list_url(request))
