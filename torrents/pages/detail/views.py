"""The page of a torrent, and its files."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.http import MemberRequest
from torrents.access import visible_torrent
from torrents.models import Torrent

from ..list.row import Row
from ..return_url import list_url
from .facts import facts, timeline
from .tree import TreeLevel, level

MAX_PATH = 4000


@require_safe
def detail(request: MemberRequest, pk: int) -> HttpResponse:
    """Show a torrent on its own page. Without JavaScript, folders are opened here by their address."""
    torrent = visible_torrent(request, pk)
    shown = asked_level(request, torrent)
    row = Row.of(torrent)
    context = {"torrent": torrent, "row": row, "level": shown, "rows": shown.rows}
    about = {
        "back_url": list_url(request),
        "timeline": timeline(torrent, request.user),
        "facts": facts(torrent),
        "lively": torrent.is_moving or row.saving,
        "nav": "torrents",
    }
    return render(request, "torrents/detail.html", context | about)


@require_safe
def files(request: MemberRequest, pk: int) -> HttpResponse:
    """Return the panel with the first level, or with `rows`, only the rows of a folder or of the next piece."""
    torrent = visible_torrent(request, pk)
    only_rows = request.GET.get("rows")
    template = "torrents/_file_rows.html" if only_rows else "torrents/_files.html"
    shown = asked_level(request, torrent)
    return render(request, template, {"torrent": torrent, "level": shown, "rows": shown.rows})


def asked_level(request: MemberRequest, torrent: Torrent) -> TreeLevel:
    """Return the level that `folder`, `find`, and `start` ask for. Invalid values mean the beginning."""
    start = request.GET.get("start", "")
    return level(
        torrent,
        folder=request.GET.get("folder", "")[:MAX_PATH],
        find=request.GET.get("find", ""),
        start=int(start) if start.isascii() and start.isdecimal() and len(start) < 9 else 0,
    )
