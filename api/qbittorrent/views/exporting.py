"""Give a torrent back as a .torrent file."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils.translation import gettext as _

from links.services import exporting
from torrents.access import visible_torrent

from ..calling import Call, Refused, asks
from .torrents import known_of


@asks
def export(request: Call) -> HttpResponse:
    """Return TorBox's .torrent file, or the one that the torrent was added with. TorBox has none of cached torrents."""
    torrent = visible_torrent(request, known_of(request).row.pk)
    try:
        content = exporting.torrent_file(torrent)
    except exporting.NothingToExport:
        raise Refused(409, _("There’s no .torrent file of this torrent. Export its magnet link.")) from None
    return HttpResponse(content, content_type="application/x-bittorrent")
