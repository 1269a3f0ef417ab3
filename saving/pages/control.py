"""Pause, resume, retry, cancel, and order jobs from the list."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from accounts.http import MemberRequest
from accounts.models import User
from localization.formats import number
from torrents.access import visible_torrent
from torrents.formatting import name_in_text
from torrents.pages.list.control import changed

from ..models import Job
from ..services import controlling, showing
from .answers import show, where_saving_is_on

Act = Callable[[User, Sequence[Job]], object]


def _move(person: User, jobs: Sequence[Job], *, to_front: bool) -> None:
    for job in jobs:
        controlling.move(person=person, job=job, to_front=to_front)


ACTS: dict[str, Act] = {
    "pause": lambda person, jobs: controlling.pause(person=person, jobs=jobs),
    "resume": lambda person, jobs: controlling.resume(person=person, jobs=jobs),
    "retry": lambda person, jobs: controlling.retry(person=person, jobs=jobs),
    "first": lambda person, jobs: _move(person, jobs, to_front=True),
    "last": lambda person, jobs: _move(person, jobs, to_front=False),
    "dismiss": lambda person, jobs: showing.dismiss(job.torrent_id for job in jobs),
}


@require_POST
@where_saving_is_on
def control(request: MemberRequest, pk: int, act: str) -> HttpResponse:
    """Pause, resume, retry, move, or dismiss the jobs of a torrent."""
    if act not in ACTS:
        raise Http404
    jobs = _jobs(request, pk)
    if act != "dismiss":
        jobs = [job for job in jobs if job.ended_at is None]  # none if they ended a moment ago
    ACTS[act](request.user, jobs)
    return changed(request)


@require_http_methods(["GET", "HEAD", "POST"])
@where_saving_is_on
def cancel(request: MemberRequest, pk: int) -> HttpResponse:
    """Ask whether to keep the partial file, then cancel the jobs of a torrent."""
    torrent = visible_torrent(request, pk)
    jobs = [job for job in _jobs(request, pk) if job.ended_at is None]
    name = name_in_text(str(torrent))
    if request.method != "POST":
        context = {
            # Translators: a heading with the name of a torrent
            "title": _("Cancel saving %(name)s?") % {"name": name_in_text(str(torrent), 120)},
            "begun": any(job.bytes_done for job in jobs),
            "action_url": reverse("saving:cancel", args=[pk]),
        }
        return show(request, "cancel.html", context)
    if controlling.cancel(person=request.user, jobs=jobs, keep_partial="keep" in request.POST):
        messages.success(request, _("Canceled saving “%(name)s”.") % {"name": name})
    return changed(request)


@require_POST
@where_saving_is_on
def pause_all(request: MemberRequest) -> HttpResponse:
    """Pause all jobs that the person may control."""
    count = controlling.pause(person=request.user, jobs=_all_jobs(request))
    words = ngettext("Paused saving %(count)s torrent.", "Paused saving %(count)s torrents.", count)
    messages.success(request, words % {"count": number(count)})
    return changed(request)


@require_POST
@where_saving_is_on
def resume_all(request: MemberRequest) -> HttpResponse:
    """Let all of them go on."""
    count = controlling.resume(person=request.user, jobs=_all_jobs(request))
    words = ngettext("Resumed saving %(count)s torrent.", "Resumed saving %(count)s torrents.", count)
    messages.success(request, words % {"count": number(count)})
    return changed(request)


def _jobs(request: MemberRequest, pk: int) -> list[Job]:
    """Return the jobs of a torrent that the person may control. Raises `Http404` if there are none."""
    jobs = list(Job.objects.controllable_by(request.user).filter(torrent=pk))
    if not jobs:
        raise Http404
    return jobs


def _all_jobs(request: MemberRequest) -> list[Job]:
    return list(Job.objects.controllable_by(request.user).unfinished())
