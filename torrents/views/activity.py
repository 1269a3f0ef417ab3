"""Who did what: the page, and the same as a file."""

from __future__ import annotations

from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET

from accounts.http import MemberRequest

from ..activity import ActivityPage
from ..spreadsheet import as_csv


@require_GET
def activity(request: MemberRequest) -> HttpResponse:
    page = ActivityPage(request.user, request.GET)
    return render(request, "torrents/activity.html", {"page": page, "nav": "activity"})


@require_GET
def export(request: MemberRequest) -> StreamingHttpResponse:
    page = ActivityPage(request.user, request.GET)
    response = StreamingHttpResponse(as_csv(page.entries), content_type="text/csv; charset=utf-8")
    name = f"activity-{timezone.localdate():%Y-%m-%d}.csv"
    response["Content-Disposition"] = content_disposition_header(True, name)
    response["Cache-Control"] = "no-store"
    return response
