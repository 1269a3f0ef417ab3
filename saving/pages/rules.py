"""Rules of automatic saving."""

from __future__ import annotations

from django.http import HttpResponse

from accounts.http import MemberRequest


def add(request: MemberRequest) -> HttpResponse:
    """Add a rule."""
    raise NotImplementedError


def remove(request: MemberRequest, pk: int) -> HttpResponse:
    """Remove a rule."""
    raise NotImplementedError
