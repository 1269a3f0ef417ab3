"""One torrent and its files: looked through, copied, exported, played."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

from csp.constants import SELF
from csp.decorators import csp_update
from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from accounts.http import MemberRequest

from ..addresses import public_address
from ..detail import facts, story
from ..filetree import Level, level
from ..linkfiles import FORMATS, m3u, startable_until
from ..media import media_kind
from ..models import Torrent, TorrentFile
from ..services import downloading
from ..services.downloading import Link
from ..wanting import ticked_files
from .coming_back import list_url
from .linking import links_as_dialog, links_as_file, text_file
from .listing import visible_torrent

LONGEST_PATH = 4000


@require_GET
def detail(request: MemberRequest, pk: int) -> HttpResponse:
    """One torrent as a page; without script its folders are opened here, by address."""
    torrent = visible_torrent(request, pk)
    shown = asked_level(request, torrent)
    context = {"torrent": torrent, "level": shown, "rows": shown.rows, "back_url": list_url(request)}
    about = {"story": story(torrent, request.user), "facts": facts(torrent), "nav": "torrents"}
    return render(request, "torrents/detail.html", context | about)


@require_GET
def files(request: MemberRequest, pk: int) -> HttpResponse:
    """The panel with the first level; with `rows` only the rows of a folder, or of the next piece."""
    torrent = visible_torrent(request, pk)
    only_rows = request.GET.get("rows")
    template = "torrents/_file_rows.html" if only_rows else "torrents/_files.html"
    shown = asked_level(request, torrent)
    return render(request, template, {"torrent": torrent, "level": shown, "rows": shown.rows})


@require_POST
def links(request: MemberRequest, pk: int) -> HttpResponse:
    """Links to the ticked files, or to all: to copy, or `as` a file for another program."""
    torrent = visible_torrent(request, pk)
    form = request.POST.get("as", "")
    wanted, more = ticked_files(
        torrent,
        {pk for text in request.POST.getlist("files") for pk in text.split(",")},
        request.POST.getlist("folders"),
        most=downloading.MOST_LINKS,
        playable=form == "m3u",
    )
    left_out = [f"{more:,} more files left out: {downloading.MOST_LINKS} links at a time."] if more else []
    if form in FORMATS:
        return links_as_file(request, form, wanted, left_out)
    return links_as_dialog(request, wanted, left_out)


@require_GET
def play(request: MemberRequest, pk: int, file_pk: int) -> HttpResponse:
    """A page that plays one file from our own download address; what the browser cannot play goes to VLC."""
    torrent, file = _file(request, pk, file_pk)
    context = {"torrent": torrent, "file": file, "media": media_kind(file.name, file.mime_type)}
    allowing: Callable[..., HttpResponse] = csp_update({"media-src": _media_sources()})(render)  # type: ignore[arg-type,assignment]
    return allowing(request, "torrents/play.html", context)


@require_GET
def playlist(request: MemberRequest, pk: int, file_pk: int) -> HttpResponse:
    """A playlist of one file, which opens in VLC. A player has no session here, so it holds the real link."""
    torrent, file = _file(request, pk, file_pk)
    url = downloading.link_for(
        person=request.user, torrent=torrent, file=file, user_ip=public_address(request)
    )
    until = startable_until(timezone.now() + downloading.STARTABLE)
    return text_file("play.m3u", m3u([Link(file.path, url)], [until]), FORMATS["m3u"].content_type)


def asked_level(request: MemberRequest, torrent: Torrent) -> Level:
    """What the address asks for: `folder`, `find` and `start`; nonsense means the beginning."""
    start = request.GET.get("start", "")
    return level(
        torrent,
        folder=request.GET.get("folder", "")[:LONGEST_PATH],
        find=request.GET.get("find", ""),
        start=int(start) if start.isascii() and start.isdecimal() and len(start) < 9 else 0,
    )


def _file(request: MemberRequest, pk: int, file_pk: int) -> tuple[Torrent, TorrentFile]:
    torrent = visible_torrent(request, pk)
    return torrent, get_object_or_404(torrent.files, pk=file_pk)


def _media_sources() -> list[str]:
    """Our redirect leads to whichever of TorBox's servers has the file; a simulated TorBox is its own."""
    parts = urlsplit(settings.TORBOX_API_URL)
    return [SELF, "https:", f"{parts.scheme}://{parts.netloc}"]
