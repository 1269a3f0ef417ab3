"""Only I see it, and everybody again."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST
from django_htmx.http import trigger_client_event

from accounts.http import MemberRequest

from ..formatting import display_name
from ..models import Torrent
from ..services import hiding


@require_POST
def hide(request: MemberRequest, pk: int) -> HttpResponse:
    torrent = _torrent(request, pk)
    hiding.hide(torrent)
    messages.success(request, f"{display_name(str(torrent), 60)}: only {_who_sees(request, torrent)} now.")
    return _changed(request)


@require_POST
def show(request: MemberRequest, pk: int) -> HttpResponse:
    torrent = _torrent(request, pk)
    hiding.show(torrent)
    account = display_name(torrent.account.label, 60)
    messages.success(request, f"{display_name(str(torrent), 60)}: everybody who has {account} sees it now.")
    return _changed(request)


def _torrent(request: MemberRequest, pk: int) -> Torrent:
    mine = Torrent.objects.hideable_by(request.user).listed()
    return get_object_or_404(mine.select_related("account__owner", "added_by"), pk=pk)


def _who_sees(request: MemberRequest, torrent: Torrent) -> str:
    owner = torrent.account.owner
    other = torrent.added_by if owner == request.user else owner
    if other is None or other == request.user:
        return "you see it"
    return f"you and {display_name(other.display_name, 60)} see it"


def _changed(request: MemberRequest) -> HttpResponse:
    if request.htmx:
        return trigger_client_event(HttpResponse(status=204), "list-changed")
    return redirect("torrents:list")
