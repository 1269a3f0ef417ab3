"""Parts of qBittorrent that don't exist here, as programs see them when nobody uses them: log, RSS, search."""

from __future__ import annotations

from django.http import HttpResponse

from ..calling import Call, data, reads


@reads
def no_list(request: Call) -> HttpResponse:
    return data([])


@reads
def no_object(request: Call) -> HttpResponse:
    return data({})
