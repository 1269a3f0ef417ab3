"""How the instance and its TorBox accounts are."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET
from django.views.decorators.vary import vary_on_headers

from accounts.http import MemberRequest

from ..status import may_see, status_for


@require_GET
@vary_on_headers("HX-Request")
def status(request: MemberRequest) -> HttpResponse:
    """For the owner of the instance all of it, for owners of accounts theirs; nobody else has such a page."""
    if not may_see(request.user):
        raise Http404
    template = "torrents/_status.html" if request.htmx else "torrents/status.html"
    return render(request, template, {"status": status_for(request.user)})
