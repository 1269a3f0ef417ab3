"""Operations on every selected torrent: the ticked ones, or all that match the list's tab and search.

Links to their files are in `links`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from accounts.http import MemberRequest
from localization.formats import number, sentences
from torrents.access import controllable
from torrents.models import Torrent
from torrents.operations import DELETE, UNCONFIRMED
from torrents.selection import selected
from torrents.services.actions import controlling

from .bulk_text import started
from .control import ask_to_remove, changed


@require_POST
def bulk(request: MemberRequest) -> HttpResponse:
    """Do the posted action to the selected torrents."""
    act = ACTIONS.get(request.POST.get("action", ""))
    return act(request) if act else changed(request)


@require_POST
def restore_several(request: MemberRequest) -> HttpResponse:
    """Undo a deletion. `removed` is the time that all of its rows share."""
    moment = _moment(request.GET.get("removed", ""))
    torrents = list(controllable(request).filter(removed_at=moment)) if moment else []
    restored = controlling.restore(torrents)
    words = ngettext("Restored %(count)s torrent.", "Restored %(count)s torrents.", restored)
    words %= {"count": number(restored)}
    if late := len(torrents) - restored:
        lost = ngettext(
            "TorBox had already deleted %(count)s torrent.",
            "TorBox had already deleted %(count)s torrents.",
            late,
        )
        words = sentences([words, lost % {"count": number(late)}])
    messages.success(request, words)
    return changed(request)


def _ask_delete(request: MemberRequest) -> HttpResponse:
    torrents = selected_torrents(request)
    if not torrents:
        return nothing_selected(request)
    return ask_to_remove(request, torrents, reverse("torrents:bulk"))


def _delete(request: MemberRequest) -> HttpResponse:
    torrents = selected_torrents(request)
    if not torrents:
        return nothing_selected(request)
    undo = undo_url(controlling.remove(person=request.user, torrents=torrents))
    messages.success(request, started(DELETE, len(torrents)), extra_tags=undo)
    return changed(request)


def _control(operation: str, request: MemberRequest) -> HttpResponse:
    torrents = selected_torrents(request)
    if not torrents:
        return nothing_selected(request)
    count = controlling.control(person=request.user, torrents=torrents, operation=operation)
    messages.success(request, started(operation, count))
    return changed(request)


ACTIONS: dict[str, Callable[[MemberRequest], HttpResponse]] = {
    "ask-delete": _ask_delete,
    DELETE: _delete,
    **{operation.key: partial(_control, operation.key) for operation in UNCONFIRMED},
}


def undo_url(removed_at: datetime | None) -> str:
    """Return the URL that undoes the deletion made at that time; "" if nothing was deleted."""
    if removed_at is None:
        return ""
    return f"{reverse('torrents:restore_several')}?{urlencode({'removed': removed_at.isoformat()})}"


def selected_torrents(request: MemberRequest) -> list[Torrent]:
    """Return the selected torrents that the user may change."""
    matching, ids = request.POST.get("matching", ""), request.POST.getlist("ids")
    return selected(controllable(request), request.user, ids=ids, matching=matching)


def nothing_selected(request: MemberRequest) -> HttpResponse:
    """Say that the user may change none of the selected torrents."""
    messages.info(request, _("You can’t change any of the selected torrents."))
    return HttpResponse(status=204) if request.htmx else changed(request)


def _moment(text: str) -> datetime | None:
    try:
        moment = parse_datetime(text)
    except ValueError:
        return None
    return moment if moment and moment.tzinfo else None
