"""A read-only WebDAV server. TorBox's CDN serves the files; we only lead there."""

from __future__ import annotations

from itertools import chain

from django.http import HttpResponse, HttpResponseBase, HttpResponseRedirect, StreamingHttpResponse
from django.urls import reverse
from django.utils.http import http_date

from links.client_ip import public_address
from links.content_types import content_type_of
from links.services.addresses import address_for_program
from links.services.downloading import record_link
from links.visitors import visitor_of
from torrents.models import Torrent, TorrentFile

from .calling import DavRequest, dav, line
from .propfind import MAX_BODY, BadBody, asked_in, etag, multistatus
from .tree import File, Folder, NoSuchPath, Path, find

JUNK = ("._", ".DS_Store", ".hidden", ".metadata_never_index", ".Spotlight", ".Trash")  # what macOS looks for
DEPTHS = {"0": 0, "1": 1, "": 1}


@dav
def resource(request: DavRequest, path: str) -> HttpResponseBase:
    """Answer for whatever is at a path below `/dav/`."""
    if request.method == "PROPFIND":
        return _propfind(request, path)
    found = find(request.user, _parts(path))
    if isinstance(found, Folder):
        return _folder(request)
    return _described(found) if request.method == "HEAD" else _lead_to(request, found)


def _propfind(request: DavRequest, path: str) -> HttpResponseBase:
    """List a resource, and with depth 1 what is in it."""
    depth = DEPTHS.get(request.headers.get("Depth", "").strip().lower())
    if depth is None:
        return _too_deep()
    if len(request.body) > MAX_BODY:
        return line("", 413)
    try:
        asked = asked_in(request.body)
    except BadBody:
        return line("", 400)
    found = find(request.user, _parts(path))
    children = found.children(request.user) if depth and isinstance(found, Folder) else ()
    pieces = multistatus(chain([found.entry], children), asked, reverse("api:dav:top"))
    return StreamingHttpResponse(pieces, status=207, content_type="application/xml; charset=utf-8")


def _too_deep() -> HttpResponse:
    """Refuse to list everything at once (RFC 4918, 9.1)."""
    body = (
        '<?xml version="1.0" encoding="utf-8"?>\n<D:error xmlns:D="DAV:"><D:propfind-finite-depth/></D:error>'
    )
    return HttpResponse(body, status=403, content_type="application/xml; charset=utf-8")


def _folder(request: DavRequest) -> HttpResponse:
    """Say what this is to someone who opens a folder in a browser."""
    if request.method == "HEAD":
        return HttpResponse(content_type="httpd/unix-directory")
    return line(f"WebDAV: {request.build_absolute_uri(reverse('api:dav:top'))}", 200)


def _described(found: File) -> HttpResponse:
    """Describe a file as the CDN would."""
    entry = found.entry
    response = HttpResponse(content_type=content_type_of(entry.name, entry.mime_type))
    response["Content-Length"] = str(entry.size)
    response["Accept-Ranges"] = "bytes"
    response["ETag"] = etag(entry)
    response["Last-Modified"] = http_date(entry.changed_at.timestamp())
    return response


def _lead_to(request: DavRequest, found: File) -> HttpResponse:
    """Redirect to a file. Players ask again at each seek, so an address is kept for minutes."""
    torrent = Torrent.objects.visible_to(request.user).select_related("account").filter(pk=found.torrent_pk)
    row, file = torrent.first(), TorrentFile.objects.filter(pk=found.row.pk).first()
    if row is None or file is None:
        raise NoSuchPath
    address = address_for_program(row, file, visitor=visitor_of(request), user_ip=public_address(request))
    record_link(request.user, row, file)
    return HttpResponseRedirect(address)


def _parts(path: str) -> Path:
    """Return the parts of a path. Raises `NoSuchPath` for one that leads elsewhere, or that only macOS looks for."""
    parts = tuple(part for part in path.split("/") if part)
    if any(part in (".", "..") for part in parts) or (parts and parts[-1].startswith(JUNK)):
        raise NoSuchPath
    return parts
