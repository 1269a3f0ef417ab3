"""Parts of qBittorrent that don't exist here, as programs see them when they are unused: log, RSS, search.

Some changes are accepted although nothing happens, because programs that make them would stop otherwise (docs/arr.md).
"""

from __future__ import annotations

from django.http import Http404, HttpResponse

from ..calling import Call, changes, data, ok, reads


@reads
def no_list(request: Call) -> HttpResponse:
    return data(request, [])


@reads
def no_object(request: Call) -> HttpResponse:
    return data(request, {})


@reads
def no_call(request: Call, rest: str) -> HttpResponse:
    """Answer 404 without the page that people get. Programs try calls of other versions."""
    raise Http404


@changes
def accepted(request: Call) -> HttpResponse:
    return ok()
