"""Tag torrents: one of them, or every selected one."""

from __future__ import annotations

from collections.abc import Sequence

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
from torrents.services.actions import tagging

from ..list.bulk import nothing_selected, selected_torrents
from ..list.control import changed
from .edit_text import announce, batch_ids, edited, tagged
from .tag_choices import TagChange, tag_choices


@require_http_methods(["GET", "HEAD", "POST"])
def tag(request: MemberRequest, pk: int) -> HttpResponse:
    """Offer the tags for one torrent, then change them."""
    torrent = controllable_torrent(request, pk)
    if request.method == "POST":
        return _change(request, [torrent])
    template = "torrents/organize/_tags_dialog.html" if request.htmx else "torrents/organize/tags.html"
    url = reverse("torrents:tag", args=[pk])
    return render(request, template, _context(request, [torrent], url))


@require_POST
def tag_several(request: MemberRequest) -> HttpResponse:
    """Offer the tags for the selected torrents: in a small list above the selection bar, else on a page."""
    torrents = selected_torrents(request)
    if not torrents:
        return nothing_selected(request)
    template = "torrents/organize/_tag_picker.html" if request.htmx else "torrents/organize/tags.html"
    return render(request, template, _context(request, torrents, reverse("torrents:change_tags")))


@require_POST
def change_tags(request: MemberRequest) -> HttpResponse:
    """Change the tags of the selected torrents."""
    torrents = selected_torrents(request)
    return _change(request, torrents) if torrents else nothing_selected(request)


def _change(request: MemberRequest, torrents: Sequence[Torrent]) -> HttpResponse:
    change = TagChange.posted(request.POST)
    batch = tagging.tag(person=request.user, torrents=torrents, add=change.add, remove=change.remove)
    earlier = batch_ids(request.POST.getlist("earlier"))
    sentence = tagged(change, edited(batch), earlier)
    announce(request, batch, sentence, earlier)
    return changed(request)


def _context(request: MemberRequest, torrents: Sequence[Torrent], action_url: str) -> dict[str, object]:
    title = _("Tags")
    if (count := len(torrents)) != 1:
        title = ngettext("Tag %(count)s torrent", "Tag %(count)s torrents", count) % {"count": number(count)}
    return {
        "title": title,
        "torrents": torrents,
        "ids": ",".join(str(torrent.pk) for torrent in torrents),
        "choices": tag_choices(request.user, torrents),
        "action_url": action_url,
        "nav": "torrents",
    }
