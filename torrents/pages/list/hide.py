"""Hide a torrent from others, and show it to them again."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from django_htmx.http import trigger_client_event

from accounts.http import MemberRequest
from torrents.access import hideable_torrent
from torrents.formatting import name_in_text
from torrents.models import Torrent
from torrents.services.actions import hiding


@require_POST
def hide(request: MemberRequest, pk: int) -> HttpResponse:
    """Hide a torrent from all but its adder and the owner of the TorBox account."""
    torrent = hideable_torrent(request, pk)
    hiding.hide(torrent)
    messages.success(request, _hidden_text(request, torrent))
    return _changed(request)


@require_POST
def show(request: MemberRequest, pk: int) -> HttpResponse:
    """Show a torrent to everyone with access to the TorBox account again."""
    torrent = hideable_torrent(request, pk)
    hiding.show(torrent)
    names = {"name": name_in_text(str(torrent)), "account": name_in_text(torrent.account.label)}
    messages.success(request, _("Everyone with access to %(account)s can see “%(name)s” now.") % names)
    return _changed(request)


def _hidden_text(request: MemberRequest, torrent: Torrent) -> str:
    name = name_in_text(str(torrent))
    owner = torrent.account.owner
    other = torrent.added_by if owner == request.user else owner
    if other is None or other == request.user:
        return _("Only you can see “%(name)s” now.") % {"name": name}
    names = {"name": name, "person": name_in_text(other.display_name)}
    return _("Only you and %(person)s can see “%(name)s” now.") % names


def _changed(request: MemberRequest) -> HttpResponse:
    if request.htmx:
        return trigger_client_event(HttpResponse(status=204), "list-changed")
    return redirect("torrents:list")
