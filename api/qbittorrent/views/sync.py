"""What has changed since the last call."""

from __future__ import annotations

from django.http import HttpResponse

from ..calling import Call, data, number_of, reads
from ..sync import Sync
from .torrents import known_of


@reads
def maindata(request: Call) -> HttpResponse:
    return data(request, Sync(request.token).answer(number_of(request, "rid")))


@reads
def torrent_peers(request: Call) -> HttpResponse:
    """Return no peers: TorBox only says how many there are."""
    known_of(request)
    return data(request, {"rid": 1, "full_update": True, "show_flags": False, "peers": {}})
