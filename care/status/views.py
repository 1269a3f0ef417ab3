"""The Status page."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from accounts.http import MemberRequest

from . import may_see, status_for


@require_safe
@vary_on_headers("HX-Request")
def status(request: MemberRequest) -> HttpResponse:
    """Show owners everything and other account owners their accounts; 404 for everyone else."""
    if not may_see(request.user):
        raise Http404
    template = "torrents/_status.html" if request.htmx else "torrents/status.html"
    return render(request, template, {"status": status_for(request.user)})
