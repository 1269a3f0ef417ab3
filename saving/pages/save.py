"""Start saving: the dialog, and what it starts."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_http_methods, require_POST

from accounts.http import MemberRequest
from links.link_selection import ticked_files
from localization.formats import file_size, number, sentences
from torrents.access import visible_torrent
from torrents.formatting import name_in_text
from torrents.models import Torrent, TorrentFile
from torrents.pages.list.control import changed
from torrents.pages.return_url import list_url
from torrents.selection import MAX_SELECTED, by_name, selected

from ..models import Folder, Job
from ..services import promises, rules, starting
from .answers import show, where_saving_is_on
from .choices import FolderChoice, afterwards, folder_choices, rule_tags, told_in

MAX_FILES = 100_000
JOBS = re.compile(r"(\d{1,18})-(\d{1,18})", re.ASCII)


@dataclass(frozen=True)
class Wanted:
    """What a person wants to save. `files`: those of its only torrent; None: all. `kept` are the dialog's hidden fields."""

    torrents: Sequence[Torrent]
    url: str
    kept: Mapping[str, str]
    files: Sequence[TorrentFile] | None = None
    left_out: int = 0

    @property
    def size(self) -> int:
        parts: Sequence[Torrent | TorrentFile] = self.torrents if self.files is None else self.files
        return sum(part.size or 0 for part in parts)

    @property
    def name(self) -> str:
        return name_in_text(str(self.torrents[0]))

    @property
    def title(self) -> str:
        """Return the heading, and the text of the button if it counts something."""
        if self.files is not None:
            count = len(self.files)
            return ngettext("Save %(count)s file", "Save %(count)s files", count) % {"count": number(count)}
        if self.is_one:
            # Translators: a heading with the name of a torrent: “Save Sintel”
            return _("Save %(name)s") % {"name": name_in_text(str(self.torrents[0]), 120)}
        count = len(self.torrents)
        return ngettext("Save %(count)s torrent", "Save %(count)s torrents", count) % {"count": number(count)}

    @property
    def is_one(self) -> bool:
        return len(self.torrents) == 1 and not self.left_out


@require_http_methods(["GET", "HEAD", "POST"])
@where_saving_is_on
def save_one(request: MemberRequest, pk: int) -> HttpResponse:
    """Ask where to save a torrent, or start at once if there is only one folder."""
    torrent = visible_torrent(request, pk)
    if not torrent.downloadable:
        return _not_ready(request, 1)
    return _answer(request, Wanted([torrent], reverse("saving:save_one", args=[pk]), {}))


@require_POST
@where_saving_is_on
def save_files(request: MemberRequest, pk: int) -> HttpResponse:
    """Ask the same about the ticked files of a torrent."""
    torrent = visible_torrent(request, pk)
    pks = {one for text in request.POST.getlist("files") for one in text.split(",") if one}
    folders = request.POST.getlist("folders")
    if not torrent.downloadable:
        return _not_ready(request, 1)
    if not (pks or folders):  # nothing is ticked, which means all
        return _answer(request, Wanted([torrent], reverse("saving:save_one", args=[pk]), {}))
    ticked, _more = ticked_files(torrent, pks, folders, most=MAX_FILES)
    files = [one.file for one in ticked if one.file]
    if not files:
        return _not_ready(request, 1)
    kept = {"files": ",".join(str(file.pk) for file in files)}
    return _answer(request, Wanted([torrent], reverse("saving:save_files", args=[pk]), kept, files))


@require_POST
@where_saving_is_on
def save_several(request: MemberRequest) -> HttpResponse:
    """Ask the same about the selected torrents."""
    matching, ids = request.POST.get("matching", ""), request.POST.getlist("ids")
    found = selected(Torrent.objects.visible_to(request.user), request.user, ids=ids, matching=matching)
    ready = sorted((torrent for torrent in found if torrent.downloadable), key=by_name)
    if not ready:
        return _not_ready(request, 2)
    kept = {"ids": ",".join(str(torrent.pk) for torrent in ready)}
    left_out = len(found) - len(ready)
    return _answer(request, Wanted(ready, reverse("saving:save_several"), kept, left_out=left_out))


@require_POST
@where_saving_is_on
def undo(request: MemberRequest) -> HttpResponse:
    """Take back what was started a moment ago."""
    match = JOBS.fullmatch(request.GET.get("jobs", ""))
    if not match:
        raise Http404
    first, last = int(match[1]), int(match[2])
    keys = range(first, min(last, first + MAX_SELECTED) + 1)
    if starting.undo(person=request.user, keys=keys):
        messages.success(request, _("Canceled."))
    else:
        messages.info(request, _("It’s too late to undo this. You can cancel it on the Saving tab."))
    return changed(request)


def _answer(request: MemberRequest, wanted: Wanted) -> HttpResponse:
    whole = wanted.files is None
    offered = folder_choices(request.user, wanted.torrents, wanted.size, whole=whole)
    open_ones = {str(choice.folder.pk): choice for choice in offered if not choice.problem}
    tags = rule_tags(request.user, wanted.torrents) if whole else []
    if request.method == "POST":
        chosen = open_ones.get(request.POST.get("folder", ""))
        if chosen is None and "folder" not in request.POST and len(offered) == 1:
            chosen = next(iter(open_ones.values()), None)
        if chosen:
            always = [tag for tag in tags if tag in request.POST.getlist("always")]
            return _start(request, wanted, chosen, always)
    asked = request.POST.get("folder", "")
    context = {
        "wanted": wanted,
        "title": wanted.title,
        "button": pgettext("verb", "Save") if wanted.is_one and whole else wanted.title,
        "size": file_size(wanted.size) if wanted.size else "",
        "choices": offered,
        "chosen": next(iter(open_ones), ""),
        "after": next((choice.after for choice in open_ones.values()), ""),
        "tags": tags,
        "refused": bool(asked),
    }
    return show(request, "save.html", context, 422 if asked else 200)


def _start(
    request: MemberRequest, wanted: Wanted, chosen: FolderChoice, always: Sequence[str]
) -> HttpResponse:
    begun, folder = timezone.now(), chosen.folder
    files = None if wanted.files is None else {wanted.torrents[0].pk: wanted.files}
    try:
        jobs = starting.save(
            person=request.user,
            torrents=wanted.torrents,
            folder=folder,
            files=files,
            told=told_in(request.POST.get(f"told-{folder.pk}", "")),
        )
    except starting.NotAllowed:
        messages.warning(request, _("You can’t save to this folder anymore."))
        return changed(request)
    if always:
        rules.always_save(owner=request.user, tags=always, folder=folder)
    undoable = [job.pk for job in jobs if job.created_at >= begun]
    undo_url = f"{reverse('saving:undo')}?jobs={min(undoable)}-{max(undoable)}" if undoable else ""
    messages.success(request, _started(wanted, folder, jobs), extra_tags=undo_url)
    return changed(request)


def _started(wanted: Wanted, folder: Folder, jobs: Sequence[Job]) -> str:
    name = name_in_text(folder.name)
    if not jobs:
        return _("%(folder)s already has this, or it’s being saved there.") % {"folder": name}
    count = len(jobs)
    if count == 1 and wanted.is_one:
        said = _("Saving “%(name)s” to %(folder)s.") % {"name": wanted.name, "folder": name}
    else:
        sentence = ngettext(
            "Saving %(count)s torrent to %(folder)s.", "Saving %(count)s torrents to %(folder)s.", count
        )
        said = sentence % {"count": number(count), "folder": name}
    told = min(jobs, key=lambda job: (promises.rank(job.after), job.after_days))
    follows = told.after != Folder.After.KEEP
    return sentences([said, afterwards(told, count != 1) if follows else ""])


def _not_ready(request: MemberRequest, count: int) -> HttpResponse:
    if count == 1:
        messages.info(request, _("This torrent isn’t ready to save."))
    else:
        messages.info(request, _("None of the selected torrents are ready to save."))
    return HttpResponse(status=204) if request.htmx else redirect(list_url(request))
