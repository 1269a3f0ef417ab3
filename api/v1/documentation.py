"""The documentation page, for people who are signed in."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from .. import protocols
from ..scopes import Protocol
from .reference import problem_codes, reference


@require_safe
def documentation(request: HttpRequest) -> HttpResponse:
    """Show all operations and schemas. The page is made here, so it needs no script and nothing of other sites."""
    context = {
        "reference": reference(),
        "problems": problem_codes(),
        "address": protocols.address_of(Protocol.REST),
        "nav": "",
    }
    return render(request, "api/documentation.html", context)
