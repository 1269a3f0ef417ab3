"""Rename torrents: one of them, or every selected one by find-and-replace."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from accounts.http import MemberRequest
from localization.formats import number
from torrents.access import controllable_torrent
from torrents.models import Torrent
from torrents.services.actions import renaming
from torrents.services.actions.renaming import Renamed

from ..list.bulk import nothing_selected, selected_torrents
from ..list.control import changed
from .edit_text import RENAMED, announce, counted, edited
from .forms import RenameForm, ReplaceForm

MAX_SHOWN = 50
AUTO_ID = "rename-%s"


@require_http_methods(["GET", "HEAD", "POST"])
def rename(request: MemberRequest, pk: int) -> HttpResponse:
    """Ask for the new name of a torrent, then rename it."""
    torrent = controllable_torrent(request, pk)
    form = RenameForm(request.POST if request.method == "POST" else None, auto_id=AUTO_ID)
    if not form.is_valid():
        return _ask(request, torrent, form if form.is_bound else None)
    _rename(request, {pk: form.cleaned_data["name"]})
    return changed(request)


@require_POST
def rename_several(request: MemberRequest) -> HttpResponse:
    """Ask what to find and replace in the names of the selected torrents, then rename them (`apply`)."""
    torrents = selected_torrents(request)
    if not torrents:
        return nothing_selected(request)
    if len(torrents) == 1 and "find" not in request.POST:
        return _ask(request, torrents[0])
    preview = Preview.of(request, torrents)
    if "apply" in request.POST and preview.renamed:
        _rename(request, {one.torrent.pk: one.after for one in preview.renamed})
        return changed(request, to="torrents:list")
    base = "torrents/organize/"
    template = f"{base}_replace_dialog.html" if request.htmx else f"{base}replace.html"
    return render(request, template, {"preview": preview, "nav": "torrents"})


@require_POST
def preview_names(request: MemberRequest) -> HttpResponse:
    """Show the names that find-and-replace would make."""
    preview = Preview.of(request, selected_torrents(request))
    return render(request, "torrents/organize/_replace_preview.html", {"preview": preview, "oob": True})


@dataclass(frozen=True)
class Preview:
    """What find-and-replace would do to `total` torrents: those that it would rename."""

    form: ReplaceForm
    ids: str
    total: int
    renamed: Sequence[Renamed]

    @classmethod
    def of(cls, request: MemberRequest, torrents: Sequence[Torrent]) -> Preview:
        form = ReplaceForm(request.POST if "find" in request.POST else None)
        asked = form.cleaned_data if form.is_valid() else {}
        find = asked.get("find", "")
        renamed = renaming.preview(torrents, find, asked["replace"]) if find else []
        return cls(form, ",".join(str(torrent.pk) for torrent in torrents), len(torrents), renamed)

    @property
    def title(self) -> str:
        words = ngettext("Rename %(count)s torrent", "Rename %(count)s torrents", self.total)
        return words % {"count": number(self.total)}

    @property
    def count(self) -> int:
        return len(self.renamed)

    @property
    def shown(self) -> Sequence[Renamed]:
        return self.renamed[:MAX_SHOWN]

    @property
    def more(self) -> int:
        return max(0, self.count - MAX_SHOWN)

    @property
    def sentence(self) -> str:
        """Return how many names change."""
        if not self.form.is_bound or not self.form["find"].value():
            return _("Enter a part of the names to replace it. Upper and lower case matter.")
        if not self.renamed:
            return _("None of the names contain this.")
        words = ngettext("%(count)s name changes.", "%(count)s names change.", self.count)
        return words % {"count": number(self.count)}

    @property
    def button(self) -> str:
        if not self.renamed:
            return _("Rename")
        # Translators: a button; the number of torrents to be renamed.
        return ngettext("Rename %(count)s", "Rename %(count)s", self.count) % {"count": number(self.count)}


def _ask(request: MemberRequest, torrent: Torrent, form: RenameForm | None = None) -> HttpResponse:
    """Ask for the new name of a torrent, or again, if it can't have the one in `form`."""
    context = {
        "form": form or RenameForm(initial={"name": torrent.name}, auto_id=AUTO_ID),
        "title": _("Rename"),
        "action_url": reverse("torrents:rename", args=[torrent.pk]),
        "nav": "torrents",
    }
    template = "torrents/organize/_rename_dialog.html" if request.htmx else "torrents/organize/rename.html"
    return render(request, template, context, status=422 if form else 200)


def _rename(request: MemberRequest, names: dict[int, str]) -> None:
    batch = renaming.rename(person=request.user, names=names)
    announce(request, batch, counted(RENAMED, edited(batch)))
