"""The owners’ page *Saving* in Settings, and its folders."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import reswap, retarget

from accounts.http import MemberRequest
from localization.formats import number
from torrents.formatting import name_in_text

from ..models import Folder
from ..services import controlling
from ..services import folders as service
from ..services import settings as saving_settings
from . import aria2_line, folder_text, settings_rows
from .folder_form import FolderForm
from .owners import ask, back, owners_only
from .schedule_form import ScheduleForm


@owners_only
@require_safe
def page(request: MemberRequest) -> HttpResponse:
    """Show folders, rules, and the schedule."""
    return show(request, ScheduleForm(saving_settings.current()))


def show(request: MemberRequest, form: ScheduleForm, status: int = 200) -> HttpResponse:
    """Show the page with this form for schedule and speed."""
    context = {
        "rows": settings_rows.folder_rows(),
        "rules": settings_rows.rule_rows(request.user),
        "form": form,
        "aria2": aria2_line.address(),
        "save_dir": folder_text.save_dir(),
        "time_zone": settings.TIME_ZONE,
    }
    return render(request, "saving/settings.html", context, status=status)


@owners_only
@require_http_methods(["GET", "HEAD", "POST"])
def add(request: MemberRequest) -> HttpResponse:
    """Add a folder."""
    form = FolderForm(None, request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            folder = service.add(owner=request.user, **form.chosen)
        except service.Unusable as unusable:
            form.refuse(unusable.cause)
        else:
            _say(request, folder, _trouble(folder), _("Added %(folder)s."))
            return back(request)
    return _form(request, _("Add a folder"), form, _("Add folder"))


@owners_only
@require_http_methods(["GET", "HEAD", "POST"])
def change(request: MemberRequest, pk: int) -> HttpResponse:
    """Change a folder."""
    folder = get_object_or_404(Folder, pk=pk)
    form = FolderForm(folder, request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            folder = service.change(folder, **form.chosen)
        except service.Unusable as unusable:
            form.refuse(unusable.cause)
        else:
            _say(request, folder, _trouble(folder), _("Saved %(folder)s."))
            return back(request)
    title = _("Change %(folder)s") % {"folder": name_in_text(folder.name)}
    return _form(request, title, form, _("Save"))


@owners_only
@require_http_methods(["GET", "HEAD", "POST"])
def remove(request: MemberRequest, pk: int) -> HttpResponse:
    """Ask, then remove a folder."""
    folder = get_object_or_404(Folder, pk=pk)
    name = {"folder": name_in_text(folder.name)}
    if request.method == "POST":
        service.remove(folder)
        messages.success(request, _("Removed %(folder)s. The files in it are still there.") % name)
        return back(request)
    counts = {"jobs": folder.jobs.unfinished().count(), "rules": folder.rules.count()}
    title = _("Remove %(folder)s?") % name
    return ask(
        request, "folder_remove.html", title, folder=folder, path=folder_text.path_of(folder), **counts
    )


@owners_only
@require_http_methods(["GET", "HEAD", "POST"])
def cancel(request: MemberRequest, pk: int) -> HttpResponse:
    """Ask, then cancel all that is being saved to a folder, including what no owner sees, because no one else could."""
    folder = get_object_or_404(Folder, pk=pk)
    name = {"folder": name_in_text(folder.name)}
    jobs = list(folder.jobs.unfinished())
    torrents = {job.torrent_id for job in jobs}
    if request.method == "POST":
        controlling.cancel(person=request.user, jobs=jobs, keep_partial="keep" in request.POST)
        words = ngettext(
            "Canceled saving %(count)s torrent to %(folder)s.",
            "Canceled saving %(count)s torrents to %(folder)s.",
            len(torrents),
        )
        messages.success(request, words % (name | {"count": number(len(torrents))}))
        return back(request)
    hidden = set(folder.jobs.unfinished().not_seen_by(request.user).values_list("torrent", flat=True))
    counts = {"hidden": len(hidden), "seen": len(torrents - hidden)}
    begun = any(job.bytes_done for job in jobs)
    title = _("Cancel all saving to %(folder)s?") % name
    return ask(request, "folder_cancel.html", title, begun=begun, **counts)


@owners_only
@require_POST
def test(request: MemberRequest, pk: int) -> HttpResponse:
    """Write a file to a folder and read it. If it lacks the file by which we know it, ask whether it's the right one."""
    folder = get_object_or_404(Folder, pk=pk)
    marks = "mark" in request.POST
    cause = _trouble(folder, marks=marks)
    if cause == service.Refusal.UNMARKED:
        title = _("Use %(folder)s again?") % {"folder": name_in_text(folder.name)}
        question = ask(request, "folder_mark.html", title)
        return reswap(retarget(question, "#dialog"), "innerHTML") if request.htmx else question
    _say(request, folder, cause, _("%(folder)s works. We wrote a file there and read it."))
    return HttpResponse(status=204) if request.htmx and not marks else back(request)


def _trouble(folder: Folder, *, marks: bool = False) -> str:
    """Test a folder, and return why it can't be used; "" if it can."""
    try:
        service.check(folder, marks=marks)
    except service.Unusable as unusable:
        return unusable.cause
    return ""


def _say(request: MemberRequest, folder: Folder, cause: str, good: str) -> None:
    """Say that a folder works, or why it can't be used."""
    name = {"folder": name_in_text(folder.name)}
    if cause:
        # Translators: the name of a folder, and why nothing can be saved there.
        words = _("%(folder)s can’t be used yet. %(reason)s")
        messages.error(request, words % (name | {"reason": folder_text.sentence(cause)}))
    else:
        messages.success(request, good % name)


def _form(request: MemberRequest, title: str, form: FolderForm, button: str, **more: Any) -> HttpResponse:
    return ask(request, "folder_form.html", title, form=form, button=button, wide=True, **more)
