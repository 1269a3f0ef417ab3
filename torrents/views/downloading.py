"""Links to data, and exports. Plain navigation: the browser downloads."""

from __future__ import annotations

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET, require_POST

from accounts.http import MemberRequest

from ..addresses import public_address
from ..formatting import display_name
from ..models import Torrent, TorrentFile
from ..services import downloading, exporting
from ..services.downloading import Link
from .linking import HOUR_NOTE, privately, show_links
from .listing import visible_torrent

TORRENT_FILE = "application/x-bittorrent"


@require_GET
def download_zip(request: MemberRequest, pk: int) -> HttpResponse:
    return _redirect(request, visible_torrent(request, pk))


@require_GET
def download_file(request: MemberRequest, pk: int, file_pk: int) -> HttpResponse:
    torrent = visible_torrent(request, pk)
    return _redirect(request, torrent, get_object_or_404(torrent.files, pk=file_pk))


@require_POST
def link_zip(request: MemberRequest, pk: int) -> HttpResponse:
    torrent = visible_torrent(request, pk)
    url = downloading.link_for(person=request.user, torrent=torrent, user_ip=public_address(request))
    return show_links(request, [Link(f"{torrent}.zip", url)], "Link to the zip", HOUR_NOTE)


@require_POST
def link_file(request: MemberRequest, pk: int, file_pk: int) -> HttpResponse:
    torrent = visible_torrent(request, pk)
    file = get_object_or_404(torrent.files, pk=file_pk)
    url = downloading.link_for(
        person=request.user, torrent=torrent, file=file, user_ip=public_address(request)
    )
    return show_links(request, [Link(file.name, url)], "Link to the file", HOUR_NOTE)


@require_GET
def export_magnet(request: MemberRequest, pk: int) -> HttpResponse:
    torrent = visible_torrent(request, pk)
    export = exporting.magnet(torrent)
    return show_links(request, [Link(str(torrent), export.uri)], "Magnet link", export.note)


@require_GET
def export_file(request: MemberRequest, pk: int) -> HttpResponse:
    torrent = visible_torrent(request, pk)
    try:
        data = exporting.torrent_file(torrent)
    except exporting.NothingToExport as problem:
        context = {"title": "No .torrent file", "text": str(problem), "back_url": torrent.get_absolute_url()}
        return render(request, "refused.html", context, status=409)
    response = HttpResponse(data, content_type=TORRENT_FILE)
    name = f"{display_name(str(torrent), 120)}.torrent".replace("/", "_")
    response["Content-Disposition"] = content_disposition_header(True, name)
    return response


def _redirect(request: MemberRequest, torrent: Torrent, file: TorrentFile | None = None) -> HttpResponse:
    """302 to the CDN. A browser that only prefetches gets nothing: a link would be spent on nobody."""
    if "prefetch" in request.headers.get("Sec-Purpose", request.headers.get("Purpose", "")):
        return HttpResponse(status=204)
    ip = public_address(request)
    url = downloading.link_for(person=request.user, torrent=torrent, file=file, user_ip=ip)
    return privately(HttpResponseRedirect(url))
