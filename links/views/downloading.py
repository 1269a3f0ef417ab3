"""Downloads, single links, and exports of one torrent. Downloads are plain navigation: the browser handles them."""

from __future__ import annotations

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.http import MemberRequest
from torrents.access import visible_torrent
from torrents.models import Torrent, TorrentFile
from torrents.pages.url_cache import detail_url

from ..client_ip import public_address
from ..lasting_exports import lasting_links
from ..services import downloading, exporting
from ..services.downloading import Link, Wanted
from ..services.exporting import MagnetExport, MagnetSource
from ..services.policy import may_have_links
from ..target_paths import safe_name
from .responses import hour_note, lasting_note, privately, show_links

TORRENT_FILE = "application/x-bittorrent"


@require_safe
def download_zip(request: MemberRequest, pk: int) -> HttpResponse:
    return _redirect(request, visible_torrent(request, pk))


@require_safe
def download_file(request: MemberRequest, pk: int, file_pk: int) -> HttpResponse:
    torrent = visible_torrent(request, pk)
    return _redirect(request, torrent, get_object_or_404(torrent.files, pk=file_pk))


@require_POST
def link_zip(request: MemberRequest, pk: int) -> HttpResponse:
    torrent = visible_torrent(request, pk)
    url = downloading.link_for(person=request.user, torrent=torrent, user_ip=public_address(request))
    link = Link(downloading.zip_name(torrent), url)
    return show_links(request, [link], _("Link to the zip file"), hour_note())


@require_POST
def link_file(request: MemberRequest, pk: int, file_pk: int) -> HttpResponse:
    torrent = visible_torrent(request, pk)
    file = get_object_or_404(torrent.files, pk=file_pk)
    if request.POST.get("lasting") and may_have_links(request.user):
        links = lasting_links(person=request.user, wanted=[Wanted(torrent, file)])
        return show_links(request, links, _("Link to the file"), lasting_note())
    url = downloading.link_for(
        person=request.user, torrent=torrent, file=file, user_ip=public_address(request)
    )
    return show_links(request, [Link(file.name, url)], _("Link to the file"), hour_note())


@require_safe
def export_magnet(request: MemberRequest, pk: int) -> HttpResponse:
    torrent = visible_torrent(request, pk)
    export = exporting.magnet(torrent)
    return show_links(request, [Link(str(torrent), export.uri)], _("Magnet link"), _about(export))


@require_safe
def export_file(request: MemberRequest, pk: int) -> HttpResponse:
    torrent = visible_torrent(request, pk)
    try:
        data = exporting.torrent_file(torrent)
    except exporting.NothingToExport:
        text = _(
            "TorBox doesn’t have one, and this torrent wasn’t added with one. Copy the magnet link instead."
        )
        context = {"title": _("No .torrent file"), "text": text, "back_url": detail_url(torrent)}
        return render(request, "refused.html", context, status=409)
    response = HttpResponse(data, content_type=TORRENT_FILE)
    name = safe_name(f"{torrent}.torrent")
    response["Content-Disposition"] = content_disposition_header(True, name)
    return response


def _about(export: MagnetExport) -> str:
    """Return where a magnet link came from, if not from TorBox."""
    if export.source == MagnetSource.TORBOX:
        return ""
    if export.source == MagnetSource.KEPT and export.refused:
        return _("TorBox doesn’t export this torrent. This is the magnet link it was added with.")
    if export.source == MagnetSource.KEPT:
        return _("TorBox couldn’t export this torrent right now. This is the magnet link it was added with.")
    if export.refused:
        return _("TorBox doesn’t export this torrent. This magnet link was built from its info hash.")
    return _("TorBox couldn’t export this torrent right now. This magnet link was built from its info hash.")


def _redirect(request: MemberRequest, torrent: Torrent, file: TorrentFile | None = None) -> HttpResponse:
    """Redirect to the CDN. A browser that only prefetches gets nothing, because that would waste a link."""
    if "prefetch" in request.headers.get("Sec-Purpose", request.headers.get("Purpose", "")):
        return HttpResponse(status=204)
    ip = public_address(request)
    url = downloading.link_for(person=request.user, torrent=torrent, file=file, user_ip=ip)
    return privately(HttpResponseRedirect(url))
