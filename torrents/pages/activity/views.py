"""The Activity page, and its CSV file."""

from __future__ import annotations

from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from accounts.http import MemberRequest

from .csv import as_csv
from .page import ActivityPage


@require_safe
def activity(request: MemberRequest) -> HttpResponse:
    page = ActivityPage(request.user, request.GET)
    return render(request, "torrents/activity.html", {"page": page, "nav": "activity"})


@require_safe
def export(request: MemberRequest) -> StreamingHttpResponse:
    page = ActivityPage(request.user, request.GET)
    response = StreamingHttpResponse(as_csv(page.entries), content_type="text/csv; charset=utf-8")
    name = f"activity-{timezone.localdate():%Y-%m-%d}.csv"
    response["Content-Disposition"] = content_disposition_header(True, name)
    response["Cache-Control"] = "no-store"
    return response
