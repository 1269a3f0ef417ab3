"""Delete torrents, and pause, resume, and order them."""

from __future__ import annotations

from collections.abc import Callable

from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _

from torbox.sanitize import is_blank, plain_text
from torrents.services.actions import renaming

from ...services import operating, removing
from ..calling import Call, Refused, View, changes, flag_of, ok, text_of
from ..chosen import chosen
from ..facts import facts_of
from ..reading import Reading

NO_LIMIT = ("0", "0.0", "0.00")


@changes
def delete(request: Call) -> HttpResponse:
    """Delete torrents here and at TorBox, with `deleteFiles` also what was saved of them."""
    with_files = flag_of(request, "deleteFiles")
    removing.remove(person=request.user, torrents=chosen(request), with_files=with_files)
    return ok()


@changes
def rename(request: Call) -> HttpResponse:
    """Rename a torrent at TorBox. Its files keep their names."""
    name = text_of(request, "name")
    if is_blank(plain_text(name)):
        raise Refused(409, _("Enter a name."))
    torrents = chosen(request)
    if not torrents:
        raise Http404
    renaming.rename(person=request.user, names={torrents[0].pk: name})
    return ok()


@changes
def set_force_start(request: Call) -> HttpResponse:
    """Start what is in TorBox's queue, if `value` is true."""
    torrents = chosen(request)
    if flag_of(request, "value"):
        operating.start(person=request.user, torrents=torrents)
    return ok()


@changes
def set_share_limits(request: Call) -> HttpResponse:
    """Stop seeding if a limit is 0. TorBox has no other limits."""
    torrents = chosen(request)
    limits = {text_of(request, name).strip() for name in ("ratioLimit", "seedingTimeLimit")}
    if limits.intersection(NO_LIMIT):
        operating.stop_seeding(person=request.user, torrents=torrents)
    return ok()


@changes
def set_location(request: Call) -> HttpResponse:
    """Refuse to move what is saved, unless it is there already."""
    location = (text_of(request, "location") or text_of(request, "path")).strip()
    if not location:
        raise Refused(400)
    hashes = tuple(row.info_hash for row in chosen(request))
    places = {facts_of(known, 0)["save_path"] for known in Reading(request.user).of_hashes(hashes)}
    if places - {location.rstrip("/") or "/"}:
        raise Refused(409, _("What is saved can’t be moved to another folder here."))
    return ok()


def _does(act: Callable[..., None]) -> View:
    @changes
    def view(request: Call) -> HttpResponse:
        act(person=request.user, torrents=chosen(request))
        return ok()

    return view


pause, resume = _does(operating.pause), _does(operating.resume)
reannounce = _does(operating.reannounce)
top, bottom = _does(operating.save_first), _does(operating.save_last)
increase, decrease = _does(operating.save_sooner), _does(operating.save_later)
