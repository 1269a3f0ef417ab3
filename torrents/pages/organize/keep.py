"""Keep torrents forever with AirLock, and stop keeping them: one of them, or every selected one."""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib import messages
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.http import MemberRequest
from torrents.access import controllable_torrent
from torrents.airlock import airlock_accounts
from torrents.models import Torrent
from torrents.services.actions import keeping

from ..list.bulk import nothing_selected, selected_torrents
from ..list.control import changed
from .edit_text import KEPT, NOT_KEPT, announce, counted, edited


@require_POST
def keep(request: MemberRequest, pk: int) -> HttpResponse:
    """Keep a torrent."""
    return _keep(request, [controllable_torrent(request, pk)])


@require_POST
def stop_keeping(request: MemberRequest, pk: int) -> HttpResponse:
    """Let TorBox remove a torrent again when nobody downloads it."""
    return _stop(request, [controllable_torrent(request, pk)])


@require_POST
def keep_several(request: MemberRequest) -> HttpResponse:
    """Keep the selected torrents, or stop keeping them, as the field `keep` says: "on" or "off"."""
    torrents = selected_torrents(request)
    if not torrents:
        return nothing_selected(request)
    return _stop(request, torrents) if request.POST.get("keep") == "off" else _keep(request, torrents)


def _keep(request: MemberRequest, torrents: Sequence[Torrent]) -> HttpResponse:
    having = airlock_accounts(torrent.account for torrent in torrents)
    able = [torrent for torrent in torrents if torrent.account_id in having]
    if not able:
        messages.info(request, _("Nothing was changed. The TorBox plan doesn’t include AirLock."))
        return changed(request)
    batch = keeping.keep(person=request.user, torrents=able, kept=True)
    announce(request, batch, counted(KEPT, edited(batch)))
    return changed(request)


def _stop(request: MemberRequest, torrents: Sequence[Torrent]) -> HttpResponse:
    batch = keeping.keep(person=request.user, torrents=torrents, kept=False)
    announce(request, batch, counted(NOT_KEPT, edited(batch)))
    return changed(request)
