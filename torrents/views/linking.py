"""How links are handed over: in a dialog to copy, as a file for another program, as a redirect."""

from __future__ import annotations

from collections.abc import Sequence

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.http import content_disposition_header

from accounts.http import MemberRequest

from ..addresses import public_address
from ..linkfiles import FORMATS, startable_until
from ..services import downloading
from ..services.downloading import Link, Wanted

HOUR_NOTE = "Start the download within the hour; once running it may take as long as it needs."


def links_as_dialog(
    request: MemberRequest, wanted: Sequence[Wanted], left_out: Sequence[str]
) -> HttpResponse:
    """Asks for the links, and says how many there are of how many."""
    found = downloading.links_for(person=request.user, wanted=wanted, user_ip=public_address(request))
    return show_links(request, found, _title(found), " ".join([*left_out, HOUR_NOTE]))


def links_as_file(
    request: MemberRequest, format_: str, wanted: Sequence[Wanted], left_out: Sequence[str]
) -> HttpResponse:
    """Asks for the links and gives them as a file; its first lines say until when and what is missing."""
    found = downloading.links_for(person=request.user, wanted=wanted, user_ip=public_address(request))
    comments = [startable_until(timezone.now() + downloading.STARTABLE), *left_out]
    comments += [f"Left out: {link.name}: {link.error}" for link in found if not link.url]
    form = FORMATS[format_]
    body = form.write([link for link in found if link.url], comments)
    return text_file(f"links.{form.extension}", body, form.content_type)


def text_file(name: str, body: str, content_type: str = "text/plain") -> HttpResponse:
    response = HttpResponse(body, content_type=f"{content_type}; charset=utf-8")
    response["Content-Disposition"] = content_disposition_header(True, name)
    return privately(response)


def show_links(request: MemberRequest, found: Sequence[Link], title: str, note: str) -> HttpResponse:
    value = "\n".join(link.url for link in found if link.url)
    failed = [link for link in found if not link.url]
    context = {"links": found, "failed": failed, "title": title, "note": note, "value": value}
    template = "torrents/_link.html" if request.htmx else "torrents/link.html"
    return privately(render(request, template, context))


def privately(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = "no-store"
    response["Referrer-Policy"] = "no-referrer"
    return response


def _title(found: Sequence[Link]) -> str:
    had, all_ = sum(bool(link.url) for link in found), len(found)
    if had < all_:
        return f"{had} of {all_} links"
    return "Link to 1 file" if all_ == 1 else f"Links to {all_} files"
