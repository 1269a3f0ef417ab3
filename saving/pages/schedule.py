"""Hours, speed, and aria2."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.http import MemberRequest, status_of

from ..services import settings as service
from . import aria2_line
from .folders import show
from .owners import back, focus_on_error, owners_only
from .schedule_form import ScheduleForm


@owners_only
@require_POST
def change(request: MemberRequest) -> HttpResponse:
    """Change hours and speed."""
    stored = service.current()
    form = ScheduleForm(stored, request.POST)
    if not form.is_valid():
        focus_on_error(form)
        return show(request, form, status_of(form))
    service.save(form.changed(stored))
    messages.success(request, _("Saved."))
    return back(request)


@owners_only
@require_POST
def test_aria2(request: MemberRequest) -> HttpResponse:
    """Test aria2 by having it write a file."""
    if not aria2_line.address():
        raise Http404
    if trouble := aria2_line.trouble():
        messages.error(request, trouble)
    else:
        messages.success(request, _("aria2 works. It wrote a file, and we read it."))
    return HttpResponse(status=204) if request.htmx else back(request)
