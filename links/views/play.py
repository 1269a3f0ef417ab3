"""Links to the files of one torrent: to copy, as a file for another program, or to play."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts.http import MemberRequest
from torrents.access import visible_torrent
from torrents.media import media_kind
from torrents.models import Torrent, TorrentFile

from ..client_ip import public_address
from ..link_files import FORMATS, m3u, startable_until
from ..link_selection import ticked_files
from ..services import downloading
from ..services.downloading import Link
from .media_sources import render_player
from .responses import files_left_out, links_as_dialog, links_as_file, text_file


@require_POST
def links(request: MemberRequest, pk: int) -> HttpResponse:
    """Return links to the ticked files, or to all: to copy, or `as` a file for another program."""
    torrent = visible_torrent(request, pk)
    form = request.POST.get("as", "")
    wanted, more = ticked_files(
        torrent,
        {pk for text in request.POST.getlist("files") for pk in text.split(",")},
        request.POST.getlist("folders"),
        most=downloading.MAX_LINKS,
        playable=form == "m3u",
    )
    left_out = [files_left_out(more)] if more else []
    if form in FORMATS:
        return links_as_file(request, form, wanted, left_out)
    return links_as_dialog(request, wanted, left_out)


@require_safe
def play(request: MemberRequest, pk: int, file_pk: int) -> HttpResponse:
    """Show a page that plays one file from our own download address, with a playlist for VLC beside it."""
    torrent, file = _file(request, pk, file_pk)
    context = {"torrent": torrent, "file": file, "media": media_kind(file.name, file.mime_type)}
    return render_player(request, "torrents/play.html", context)


@require_safe
def playlist(request: MemberRequest, pk: int, file_pk: int) -> HttpResponse:
    """Return a playlist of one file. VLC isn't signed in here, so the playlist holds TorBox's link."""
    torrent, file = _file(request, pk, file_pk)
    url = downloading.link_for(
        person=request.user, torrent=torrent, file=file, user_ip=public_address(request)
    )
    until = startable_until(timezone.now() + downloading.STARTABLE)
    return text_file("play.m3u", m3u([Link(file.name, url)], [until]), FORMATS["m3u"].content_type)


def _file(request: MemberRequest, pk: int, file_pk: int) -> tuple[Torrent, TorrentFile]:
    torrent = visible_torrent(request, pk)
    return torrent, get_object_or_404(torrent.files, pk=file_pk)


@require_safe
def subtitles(request: MemberRequest, pk: int, file_pk: int) -> HttpResponse:
    """Return a subtitle file as WebVTT."""
    raise NotImplementedError
