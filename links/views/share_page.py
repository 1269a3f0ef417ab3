"""The page behind a share link, and its player, for people without an account."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from accounts.qr_codes import qr_code
from torbox.sanitize import is_blank
from torrents.models import Torrent
from torrents.states import ENDED

from ..endings import NoSuchItem, NoSuchLink
from ..link_urls import file_path, only_path, page_url
from ..models import LastingLink
from ..services.contents import FileRow, LinkFile, file_of, find_file, main_item, media_near, rows_of, zip_of
from ..services.opening import Opened
from ..services.subtitles import NoSubtitles, subtitles_behind
from ..subtitle_names import is_subtitles
from ..tokens import TOKEN
from ..visitors import visitor_of
from .ending_text import NO_SUCH_LINK
from .media_sources import render_player
from .shared_files import shared_level
from .tracks import VTT, Track, tracks_of
from .visiting import card, mark, visiting

SOON = timedelta(days=2)  # The hours count then, and the visitor's time zone isn't known.


@require_http_methods(["GET", "HEAD", "POST"])
@visiting
def open_page(request: HttpRequest, opened: Opened) -> HttpResponse:
    """Show what a link leads to. Its password is sent here, too."""
    torrent = _torrent(opened)
    if request.method == "POST":  # the password was entered before
        return HttpResponseRedirect(reverse("links:open", args=[opened.token]), status=303)
    rows = rows_of(opened)
    context = {
        "title": _title(opened, rows[0].path if len(rows) == 1 else ""),
        "files": rows,
        "size": sum(row.size for row in rows),
        "qr": qr_code(page_url(opened.token)),
        "ready": torrent.downloadable,
        "public": not opened.link.password,
        "top": reverse("links:open", args=[opened.token]),
        **_end(opened.link),
        **_whole(opened, torrent, rows),
    }
    if len(rows) > 1:
        context["level"] = shared_level(request, opened, torrent, rows)
    return render(request, "links/page.html", context)


@require_safe
@visiting
def play_only(request: HttpRequest, opened: Opened) -> HttpResponse:
    """Play the only file of a link."""
    _torrent(opened)
    file = main_item(opened)
    return _player(request, opened, file, only_path(opened.token, file.name))


@require_safe
@visiting
def play_file(request: HttpRequest, opened: Opened, ref: str) -> HttpResponse:
    """Play one file of a link."""
    _torrent(opened)
    file = find_file(opened, ref)
    return _player(request, opened, file, file_path(opened.token, file))


@require_safe
@visiting
def subtitles(request: HttpRequest, opened: Opened, ref: str) -> HttpResponse:
    """Return a subtitle file of a link as WebVTT. That is no use of the link."""
    _torrent(opened)
    file = find_file(opened, ref)
    if not is_subtitles(file.path):
        raise NoSuchItem
    try:
        text = subtitles_behind(opened, file, visitor_of(request))
    except NoSubtitles:
        raise NoSuchItem from None
    return HttpResponse(text, content_type=VTT)


@csrf_exempt
@login_not_required
def nothing(request: HttpRequest, rest: str) -> HttpResponse:
    """Answer addresses that are like those of links, but lead nowhere. Some programs drop the slash at the end."""
    if TOKEN.fullmatch(rest):
        return mark(HttpResponseRedirect(reverse("links:open", args=[rest])))
    return mark(card(request, NO_SUCH_LINK, 404))


def _torrent(opened: Opened) -> Torrent:
    """Return the torrent of a link with a page. Raises `NoSuchLink` for other kinds.

    Raises `NoSuchItem` if TorBox doesn't have the torrent, so that visitors aren't asked to wait for it.
    """
    torrent = opened.link.torrent
    if opened.link.kind != LastingLink.Kind.SHARE or torrent is None:
        raise NoSuchLink
    if torrent.status in ENDED:
        raise NoSuchItem
    return torrent


def _title(opened: Opened, only_path: str) -> str:
    """Return the name of what a link leads to. A torrent without a name shows its info hash elsewhere, but not here."""
    name = _torrent(opened).name
    if not opened.link.path and not is_blank(name):
        return name
    return (opened.link.path or only_path).rsplit("/", 1)[-1] or _("Files")


def _end(link: LastingLink) -> dict[str, Any]:
    """Return until when a link works."""
    if link.expires_at is None:
        return {}
    soon = link.expires_at - timezone.now() < SOON
    return {"ends_at" if soon else "last_day": link.expires_at}


def _whole(opened: Opened, torrent: Torrent, rows: Sequence[FileRow]) -> dict[str, str]:
    """Return the addresses of the only file or of the zip of all. TorBox makes no zip of a folder."""
    if not rows or not torrent.downloadable:
        return {}
    if len(rows) > 1 and opened.link.part != LastingLink.Part.ALL:
        return {}
    item = file_of(opened, torrent, rows[0]) if len(rows) == 1 else zip_of(opened)
    play = reverse("links:play_only", args=[opened.token]) if item.media else ""
    return {"download": only_path(opened.token, item.name), "play": play}


def _player(request: HttpRequest, opened: Opened, file: LinkFile, address: str) -> HttpResponse:
    if not file.media:
        raise NoSuchItem
    context = {
        "title": file.name,
        "media": file.media,
        "download": address,
        "page": reverse("links:open", args=[opened.token]),
        "page_title": _title(opened, file.path),
        "playlist": reverse("links:media_playlist", args=[opened.token]),
        "ready": file.torrent.downloadable,
        "tracks": _tracks(opened, file),
    }
    return render_player(request, "links/player.html", context)


def _tracks(opened: Opened, file: LinkFile) -> list[Track]:
    found = {
        near.path: reverse("links:link_subtitles", args=[opened.token, near.ref])
        for near in media_near(opened, file)
    }
    return tracks_of(file.path, found)
