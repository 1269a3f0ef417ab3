"""Start saving: the dialog, and what it starts."""

from __future__ import annotations

from django.http import HttpResponse

from accounts.http import MemberRequest


def save_one(request: MemberRequest, pk: int) -> HttpResponse:
    """Ask where to save a torrent, or start at once if there is only one folder."""
    raise NotImplementedError


def save_files(request: MemberRequest, pk: int) -> HttpResponse:
    """Ask the same about the ticked files of a torrent."""
    raise NotImplementedError


def save_several(request: MemberRequest) -> HttpResponse:
    """Ask the same about the selected torrents."""
    raise NotImplementedError


def undo(request: MemberRequest) -> HttpResponse:
    """Take back what was started a moment ago."""
    raise NotImplementedError
