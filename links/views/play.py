"""Links to the files of one torrent: to copy, as a file for another program, or to play."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts.http import MemberRequest
from torrents.access import visible_torrent
from torrents.media import media_kind
from torrents.models import Torrent, TorrentFile

from ..client_ip import public_address
from ..endings import NotNow
from ..lasting_exports import lasting_links
from ..link_files import FORMATS, m3u, startable_until
from ..link_selection import ticked_files
from ..services import downloading
from ..services.downloading import Link, Wanted
from ..services.subtitles import NoSubtitles, subtitles_of
from ..subtitle_names import beside, is_subtitles
from .media_sources import render_player
from .responses import (
    choice_of,
    files_left_out,
    lasting_note,
    links_as_dialog,
    links_as_file,
    most_links,
    privately,
    text_file,
)
from .tracks import VTT, Track, tracks_of


@require_POST
def links(request: MemberRequest, pk: int) -> HttpResponse:
    """Return links to the ticked files, or to all: to copy, or `as` a file for another program."""
    torrent = visible_torrent(request, pk)
    format_, lasting = choice_of(request, request.POST.get("as", ""))
    wanted, more = ticked_files(
        torrent,
        {pk for text in request.POST.getlist("files") for pk in text.split(",")},
        request.POST.getlist("folders"),
        most=most_links(lasting),
        playable=format_ == "m3u",
    )
    left_out = [files_left_out(more, lasting)] if more else []
    if format_ in FORMATS:
        return links_as_file(request, format_, wanted, left_out, lasting)
    return links_as_dialog(request, wanted, left_out, lasting)


@require_safe
def play(request: MemberRequest, pk: int, file_pk: int) -> HttpResponse:
    """Show a page that plays one file from our own download address, with a playlist for VLC beside it."""
    torrent, file = _file(request, pk, file_pk)
    media = media_kind(file.name, file.mime_type)
    tracks = _tracks(torrent, file) if media == "video" else []
    context = {"torrent": torrent, "file": file, "media": media, "tracks": tracks}
    return render_player(request, "torrents/play.html", context)


@require_safe
def playlist(request: MemberRequest, pk: int, file_pk: int) -> HttpResponse:
    """Return a playlist of one file. VLC isn't signed in here, so the playlist holds a lasting link, or TorBox's."""
    torrent, file = _file(request, pk, file_pk)
    if torrent.downloadable and choice_of(request, request.GET.get("as", "m3u"))[1]:
        links, until = lasting_links(person=request.user, wanted=[Wanted(torrent, file)]), lasting_note()
    else:
        ip = public_address(request)
        url = downloading.link_for(person=request.user, torrent=torrent, file=file, user_ip=ip)
        links, until = [Link(file.name, url)], startable_until(timezone.now() + downloading.STARTABLE)
    return text_file("play.m3u", m3u(links, [until]), FORMATS["m3u"].content_type)


@require_safe
def subtitles(request: MemberRequest, pk: int, file_pk: int) -> HttpResponse:
    """Return a subtitle file as WebVTT."""
    torrent, file = _file(request, pk, file_pk)
    if not is_subtitles(file.path):
        raise Http404
    try:
        text = subtitles_of(torrent, file)
    except NoSubtitles:
        raise Http404 from None
    except NotNow as busy:
        return HttpResponse(status=503, headers={"Retry-After": str(round(busy.retry_after))})
    return privately(HttpResponse(text, content_type=VTT))


def _file(request: MemberRequest, pk: int, file_pk: int) -> tuple[Torrent, TorrentFile]:
    torrent = visible_torrent(request, pk)
    return torrent, get_object_or_404(torrent.files, pk=file_pk)


def _tracks(torrent: Torrent, video: TorrentFile) -> list[Track]:
    keys = dict(torrent.files.values_list("path", "pk").order_by("pk"))
    found = {
        path: reverse("links:subtitles", args=[torrent.pk, keys[path]]) for path in beside(video.path, keys)
    }
    return tracks_of(video.path, found)
