"""Links to the files of every selected torrent: in a dialog, as a file for another program, as zips."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST
from django_htmx.http import HttpResponseClientRedirect, trigger_client_event

from accounts.http import MemberRequest
from localization import formats
from torrents.models import Torrent
from torrents.pages.return_url import list_url
from torrents.selection import by_name, selected

from ..link_files import FORMATS
from ..link_selection import every_file
from ..services import downloading, exporting
from ..services.downloading import Wanted
from .responses import (
    LASTING,
    OF_TORBOX,
    choice_of,
    files_left_out,
    links_as_dialog,
    links_as_file,
    most_links,
    text_file,
)  # fmt: skip


@require_POST
def several(request: MemberRequest) -> HttpResponse:
    act = ACTIONS.get(request.POST.get("action", ""))
    return act(request) if act else _back(request)


def _links(choice: str, request: MemberRequest) -> HttpResponse:
    """Show links to the files of the torrents that are ready."""
    _format, lasting = choice_of(request, choice)
    wanted, left_out = _wanted(request, lasting=lasting)
    return links_as_dialog(request, wanted, left_out, lasting) if wanted else _nothing(request)


def _zip_links(request: MemberRequest) -> HttpResponse:
    ready, left_out = _ready(request)
    wanted = [Wanted(torrent) for torrent in ready]
    return links_as_dialog(request, wanted, left_out) if wanted else _nothing(request)


def _zips(request: MemberRequest) -> HttpResponse:
    """Start the zip of a single torrent, or list those of several, because TorBox makes one for each torrent."""
    ready, left_out = _ready(request)
    if not ready:
        return _nothing(request)
    if len(ready) == 1 and not left_out and request.htmx:
        return HttpResponseClientRedirect(reverse("links:download_zip", args=[ready[0].pk]))
    shown = ready[: downloading.MAX_LINKS]
    notes = [*left_out, *_zips_not_listed(len(ready) - len(shown))]
    context = {"torrents": shown, "ids": ",".join(str(row.pk) for row in shown), "notes": notes}
    template = "torrents/_zips.html" if request.htmx else "torrents/zips.html"
    return render(request, template, context)


def _export(choice: str, request: MemberRequest) -> HttpResponse:
    format_, lasting = choice_of(request, choice)
    wanted, left_out = _wanted(request, playable=format_ == "m3u", lasting=lasting)
    return links_as_file(request, format_, wanted, left_out, lasting) if wanted else _nothing(request)


def _magnets(request: MemberRequest) -> HttpResponse:
    torrents = sorted(_selected(request), key=by_name)
    return text_file("magnets.txt", "".join(f"{uri}\n" for uri in exporting.kept_magnets(torrents)))


EXPORTS = [f"{name}{end}" for name in FORMATS for end in ("", f"-{LASTING}", f"-{OF_TORBOX}")]
ACTIONS: dict[str, Callable[[MemberRequest], HttpResponse]] = {
    **{choice: partial(_links, choice) for choice in ("links", f"links-{LASTING}")},
    "zips": _zips,
    "zip-links": _zip_links,
    **{f"export-{choice}": partial(_export, choice) for choice in EXPORTS},
    "export-magnets": _magnets,
}


def _selected(request: MemberRequest) -> list[Torrent]:
    """Return the selected torrents that the person may see."""
    visible = Torrent.objects.visible_to(request.user)
    matching, ids = request.POST.get("matching", ""), request.POST.getlist("ids")
    return selected(visible, request.user, ids=ids, matching=matching)


def _ready(request: MemberRequest) -> tuple[list[Torrent], list[str]]:
    """Return the selected torrents that can be downloaded, by name, and a sentence about the others."""
    torrents = _selected(request)
    ready = sorted((torrent for torrent in torrents if torrent.downloadable), key=by_name)
    left = len(torrents) - len(ready)
    return ready, [_not_ready(left)] if left else []


def _wanted(
    request: MemberRequest, *, playable: bool = False, lasting: bool = False
) -> tuple[list[Wanted], list[str]]:
    """Return the files of torrents that are ready, as many as one request allows, and sentences about the rest."""
    ready, left_out = _ready(request)
    wanted, more = every_file(ready, most=most_links(lasting), playable=playable)
    if more:
        left_out.append(files_left_out(more, lasting))
    return wanted, left_out


def _not_ready(number: int) -> str:
    sentence = ngettext(
        "%(count)s torrent was left out because it isn’t ready.",
        "%(count)s torrents were left out because they aren’t ready.",
        number,
    )
    return sentence % {"count": formats.number(number)}


def _zips_not_listed(number: int) -> list[str]:
    sentence = ngettext("%(count)s more zip isn’t listed.", "%(count)s more zips aren’t listed.", number)
    return [sentence % {"count": formats.number(number)}] if number else []


def _nothing(request: MemberRequest) -> HttpResponse:
    messages.info(request, _("None of the selected torrents are ready to download."))
    return HttpResponse(status=204) if request.htmx else _back(request)


def _back(request: MemberRequest) -> HttpResponse:
    if request.htmx:
        return trigger_client_event(HttpResponse(status=204), "list-changed")
    return redirect(list_url(request))
