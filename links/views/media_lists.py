"""Playlists and podcasts that grow. Reading one asks TorBox for nothing, and counts no use."""

from __future__ import annotations

import hashlib

from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response
from django.utils.http import content_disposition_header, quote_etag
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from localization import formats
from torrents.formatting import display_name

from ..endings import NoSuchItem
from ..feeds import Podcast, podcast
from ..link_files import FORMATS, m3u
from ..link_urls import file_url
from ..models import LastingLink
from ..services.contents import MAX_MEDIA, media_of
from ..services.downloading import Link
from ..services.opening import Opened
from ..target_paths import safe_name
from .visiting import visiting

MAX_EPISODES = 500
Kind = LastingLink.Kind


@require_safe
@visiting
def media_playlist(request: HttpRequest, opened: Opened) -> HttpResponse:
    """Return an M3U playlist of the media behind a link. One of an export leads to no other file."""
    if opened.link.kind == Kind.EXPORT:
        raise NoSuchItem
    found = media_of(opened, MAX_MEDIA + 1)
    links = [Link(file.name, file_url(opened.token, file)) for file in found[:MAX_MEDIA]]
    comments = [*_until(opened.link), *([_full()] if len(found) > MAX_MEDIA else [])]
    response = _unless_known(request, m3u(links, comments), FORMATS["m3u"].content_type)
    title = display_name(opened.link.name) or _("Media")
    name = safe_name(f"{title}.m3u8")
    response["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    return response


@require_safe
@visiting
def feed(request: HttpRequest, opened: Opened) -> HttpResponse:
    """Return an RSS feed of the media behind a link, as podcast apps and Kodi read it."""
    if opened.link.kind != Kind.PODCAST:
        raise NoSuchItem
    body = podcast(opened, media_of(opened, MAX_EPISODES))
    return _unless_known(request, body, Podcast.content_type.partition(";")[0])


def _unless_known(request: HttpRequest, body: str, content_type: str) -> HttpResponse:
    """Return a text, or 304 to a program that has the same already."""
    response = HttpResponse(body, content_type=f"{content_type}; charset=utf-8")
    etag = quote_etag(hashlib.sha256(response.content).hexdigest()[:32])
    response["ETag"] = etag
    return get_conditional_response(request, etag=etag, response=response) or response


def _until(link: LastingLink) -> list[str]:
    if link.expires_at is None:
        return []
    # Translators: a date, such as March 3, 2026.
    return [_("This playlist works until %(date)s.") % {"date": formats.long_day(link.expires_at)}]


def _full() -> str:
    number = formats.number(MAX_MEDIA)
    return _("This playlist has %(count)s files. More were left out.") % {"count": number}
