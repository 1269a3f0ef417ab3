"""The owners’ page *Saving* in Settings: its folders."""

from __future__ import annotations

from django.http import HttpResponse

from accounts.http import MemberRequest


def page(request: MemberRequest) -> HttpResponse:
    """Show folders, rules, and the schedule."""
    raise NotImplementedError


def add(request: MemberRequest) -> HttpResponse:
    """Add a folder."""
    raise NotImplementedError


def change(request: MemberRequest, pk: int) -> HttpResponse:
    """Change a folder."""
    raise NotImplementedError


def remove(request: MemberRequest, pk: int) -> HttpResponse:
    """Ask, then remove a folder."""
    raise NotImplementedError


def test(request: MemberRequest, pk: int) -> HttpResponse:
    """Write a file to a folder and read it."""
    raise NotImplementedError
