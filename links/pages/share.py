"""The *Share* dialog of a torrent."""

from __future__ import annotations

from django.http import HttpResponse

from accounts.http import MemberRequest


def share(request: MemberRequest, pk: int) -> HttpResponse:
    """Show the person's link to a torrent, or the fields of a new one, and make it."""
    raise NotImplementedError


def change(request: MemberRequest, pk: int) -> HttpResponse:
    """Change a link of the person, and say that it is saved."""
    raise NotImplementedError
