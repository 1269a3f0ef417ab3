"""Mark notifications as read, and open what they are about."""

from __future__ import annotations

from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import trigger_client_event

from accounts.bookkeeping import write_if_possible
from accounts.http import MemberRequest
from torrents.id_ranges import MAX_IDS

from ..models import Notification
from ..services import reading
from .targets import url_of, url_of_several
from .unread import count_again


@require_safe
def open_(request: MemberRequest, pk: int) -> HttpResponse:
    """Mark a notification as read, and go to what it is about."""
    mine = Notification.objects.of(request.user).select_related("torrent", "account")
    note = get_object_or_404(mine, pk=pk)
    write_if_possible(lambda: reading.mark_read(request.user, pk))
    first = note.burst_id or note.pk
    told = mine.filter(Q(pk=first) | Q(burst=first), kind=note.kind)
    several = list(told.order_by("-at", "-pk")[:MAX_IDS]) if note.burst_id else []
    return redirect(url_of_several(several) if len(several) > 1 else url_of(note))


@require_POST
def read(request: MemberRequest, pk: int) -> HttpResponse:
    """Mark a notification as read."""
    if not reading.mark_read(request.user, pk):
        raise Http404
    return bell_changed(request)


@require_POST
def read_all(request: MemberRequest) -> HttpResponse:
    """Mark everything in the bell as read."""
    reading.mark_all_read(request.user)
    return bell_changed(request)


def bell_changed(request: MemberRequest) -> HttpResponse:
    """Tell the page that the bell changed. Without htmx, redirect to the page with all notifications."""
    count_again(request.user)
    if request.htmx:
        return trigger_client_event(HttpResponse(status=204), "bell-changed")
    return redirect(reverse("notifications:page"))
