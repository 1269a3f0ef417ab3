"""One action for what is ticked, or for everything under the list's tab and search.

What the person may not touch is not there: every set starts from what they may see or control.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_POST
from django_htmx.http import HttpResponseClientRedirect

from accounts.http import MemberRequest

from ..formatting import torrents as torrents_in_words
from ..listing import TorrentListing
from ..models import Torrent, TorrentQuerySet
from ..services import controlling, downloading, exporting_several
from ..services.downloading import Wanted
from ..wanting import every_file
from .controlling import OPERATIONS, ask_to_remove, changed, controllable
from .linking import links_as_dialog, links_as_file, text_file

MOST_AT_ONCE = 5_000
NOTHING_MAY = "Nothing selected that you may change."
NOTHING_READY = "Nothing selected is ready to download."
ONE_ZIP_EACH = "TorBox makes one zip for each torrent."


@require_POST
def bulk(request: MemberRequest) -> HttpResponse:
    act = ACTIONS.get(request.POST.get("action", ""))
    return act(request) if act else changed(request)


@require_POST
def restore_several(request: MemberRequest) -> HttpResponse:
    """Undo one deletion; `removed` is the moment that all rows of it share."""
    moment = _moment(request.GET.get("removed", ""))
    torrents = list(controllable(request).filter(removed_at=moment)) if moment else []
    saved = controlling.restore(torrents)
    left = len(torrents) - saved
    late = f" TorBox had deleted {left:,} already." if left else ""
    messages.success(request, f"{torrents_in_words(saved)} back.{late}")
    return changed(request)


def _ask_delete(request: MemberRequest) -> HttpResponse:
    torrents = _selected(request, controllable(request))
    if not torrents:
        return _nothing(request, NOTHING_MAY)
    return ask_to_remove(request, torrents, reverse("torrents:bulk"))


def _delete(request: MemberRequest) -> HttpResponse:
    torrents = _selected(request, controllable(request))
    if not torrents:
        return _nothing(request, NOTHING_MAY)
    controlling.remove(person=request.user, torrents=torrents)
    moment = Torrent.objects.values_list("removed_at", flat=True).get(pk=torrents[0].pk)
    query = urlencode({"removed": moment.isoformat() if moment else ""})
    undo = f"{reverse('torrents:restore_several')}?{query}"
    messages.success(request, f"Deleted {torrents_in_words(len(torrents))}.", extra_tags=undo)
    return changed(request)


def _control(operation: str, request: MemberRequest) -> HttpResponse:
    torrents = _selected(request, controllable(request))
    done = controlling.control(person=request.user, torrents=torrents, operation=operation)
    messages.success(request, f"{controlling.LABELS[operation]}: {torrents_in_words(done)}.")
    return changed(request)


def _links(request: MemberRequest) -> HttpResponse:
    """Links to the files of what is ready, in a dialog."""
    wanted, left_out = _wanted(request)
    return links_as_dialog(request, wanted, left_out) if wanted else _nothing(request, NOTHING_READY)


def _zip_links(request: MemberRequest) -> HttpResponse:
    ready, left_out = _ready(request)
    wanted = [Wanted(torrent) for torrent in ready]
    return links_as_dialog(request, wanted, left_out) if wanted else _nothing(request, NOTHING_READY)


def _zips(request: MemberRequest) -> HttpResponse:
    """TorBox zips one torrent at a time: one starts at once, several are offered one by one."""
    ready, left_out = _ready(request)
    if not ready:
        return _nothing(request, NOTHING_READY)
    if len(ready) == 1 and not left_out and request.htmx:
        return HttpResponseClientRedirect(reverse("torrents:download_zip", args=[ready[0].pk]))
    shown = ready[: downloading.MOST_LINKS]
    more = len(ready) - len(shown)
    notes = [ONE_ZIP_EACH, *left_out, *([f"{more:,} more are not listed here."] if more else [])]
    context = {"torrents": shown, "ids": ",".join(str(row.pk) for row in shown), "note": " ".join(notes)}
    template = "torrents/_zips.html" if request.htmx else "torrents/zips.html"
    return render(request, template, context)


def _export(format_: str, request: MemberRequest) -> HttpResponse:
    wanted, left_out = _wanted(request, playable=format_ == "m3u")
    return links_as_file(request, format_, wanted, left_out) if wanted else _nothing(request, NOTHING_READY)


def _magnets(request: MemberRequest) -> HttpResponse:
    torrents = _selected(request, Torrent.objects.visible_to(request.user))
    return text_file("magnets.txt", "".join(f"{uri}\n" for uri in exporting_several.kept_magnets(torrents)))


ACTIONS: dict[str, Callable[[MemberRequest], HttpResponse]] = {
    "ask-delete": _ask_delete,
    controlling.DELETE: _delete,
    **{operation: partial(_control, operation) for operation in OPERATIONS},
    "links": _links,
    "zips": _zips,
    "zip-links": _zip_links,
    **{f"export-{name}": partial(_export, name) for name in ("text", "m3u", "aria2")},
    "export-magnets": _magnets,
}


def _selected(request: MemberRequest, rows: TorrentQuerySet) -> list[Torrent]:
    """Of `rows` those that are ticked, or all that match the list's query; at most MOST_AT_ONCE."""
    rows = rows.listed().select_related("account")
    if query := request.POST.get("matching", ""):
        matching = TorrentListing(request.user, QueryDict(query[:2000])).matching
        rows = rows.filter(pk__in=matching.order_by().values("pk"))
    else:
        rows = rows.filter(pk__in=_numbers(request.POST.getlist("ids")))
    return list(rows[:MOST_AT_ONCE])


def _ready(request: MemberRequest) -> tuple[list[Torrent], list[str]]:
    """What can be downloaded of the selection, and a sentence about the rest."""
    torrents = _selected(request, Torrent.objects.visible_to(request.user))
    ready = [torrent for torrent in torrents if torrent.downloadable]
    left = len(torrents) - len(ready)
    return ready, [f"{torrents_in_words(left)} left out: not ready."] if left else []


def _wanted(request: MemberRequest, *, playable: bool = False) -> tuple[list[Wanted], list[str]]:
    """The files of what is ready, as many as one go allows, and sentences about the rest."""
    ready, left_out = _ready(request)
    wanted, more = every_file(ready, most=downloading.MOST_LINKS, playable=playable)
    if more:
        left_out.append(f"{more:,} more files left out: {downloading.MOST_LINKS} links at a time.")
    return wanted, left_out


def _nothing(request: MemberRequest, sentence: str) -> HttpResponse:
    messages.info(request, sentence)
    return HttpResponse(status=204) if request.htmx else changed(request)


def _numbers(texts: list[str]) -> list[int]:
    """The ids of ticked rows; one text may hold several, with commas between them."""
    parts = [part for text in texts[:MOST_AT_ONCE] for part in text.split(",", MOST_AT_ONCE)]
    return [
        int(part) for part in parts[:MOST_AT_ONCE] if part.isascii() and part.isdecimal() and len(part) < 19
    ]


def _moment(text: str) -> datetime | None:
    try:
        moment = parse_datetime(text)
    except ValueError:
        return None
    return moment if moment and moment.tzinfo else None
