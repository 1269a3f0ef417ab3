"""Files behind a lasting link, for anyone who has it. TorBox's CDN serves them; we only lead there."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from ..client_ip import public_address
from ..content_types import content_type_of
from ..preview_bots import is_preview_bot
from ..services.addresses import address_of, check_ready
from ..services.contents import LinkFile, find_file, main_item
from ..services.opening import Opened
from ..services.uses import record_use
from ..target_paths import safe_name
from ..visitors import visitor_of
from .visiting import visiting

DUPLICATES = 16


@require_safe
@visiting
def take(request: HttpRequest, opened: Opened, name: str) -> HttpResponse:
    """Redirect to the only file of a link, or to the zip of all files."""
    return _lead_to(request, opened, main_item(opened))


@require_safe
@visiting
def take_file(request: HttpRequest, opened: Opened, ref: str, name: str) -> HttpResponse:
    """Redirect to one file of a link."""
    return _lead_to(request, opened, find_file(opened, ref))


def _lead_to(request: HttpRequest, opened: Opened, file: LinkFile) -> HttpResponse:
    """Redirect to a file, and count that as a use, unless the request only looks at the address.

    A player asks how large a file is before it reads it. We know that, except for a zip. Then the CDN has to say, and
    whoever gets its address can download.
    """
    if is_prefetch(request):
        return HttpResponse(status=204)
    if is_preview_bot(request.headers.get("User-Agent", "")):
        return render(request, "links/preview.html", {"title": file.name, "file": file})
    if request.method == "HEAD" and file.size is not None:
        return _described(file)
    visitor = visitor_of(request)
    address = address_of(opened, file, visitor=visitor, user_ip=public_address(request))
    record_use(opened, file, visitor)
    response = HttpResponseRedirect(address)
    if request.headers.get("User-Agent", "").startswith("aria2/"):
        response["Link"] = _duplicates(request)
    return response


def _duplicates(request: HttpRequest) -> str:
    """Return further addresses of the same file (RFC 6249).

    aria2 goes on with the CDN's address when a connection has finished its part, gives up on the address that led there
    when it has expired, and then turns to these.
    """
    names = (request.build_absolute_uri(f"~{number}") for number in range(DUPLICATES))
    return ", ".join(f"<{name}>; rel=duplicate" for name in names)


def is_prefetch(request: HttpRequest) -> bool:
    """Return whether a browser prepares for a click that may never come."""
    return "prefetch" in request.headers.get("Sec-Purpose", request.headers.get("Purpose", ""))


def _described(file: LinkFile) -> HttpResponse:
    """Describe a file as the CDN would."""
    check_ready(file.torrent)
    response = HttpResponse(content_type=content_type_of(file.name, file.mime_type))
    response["Content-Length"] = str(file.size)
    response["Accept-Ranges"] = "bytes"
    name = safe_name(file.name)
    response["Content-Disposition"] = content_disposition_header(False, name) or "inline"
    return response
