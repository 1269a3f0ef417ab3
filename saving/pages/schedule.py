"""Hours, speed, and aria2."""

from __future__ import annotations

from django.http import HttpResponse

from accounts.http import MemberRequest


def change(request: MemberRequest) -> HttpResponse:
    """Change hours and speed."""
    raise NotImplementedError


def test_aria2(request: MemberRequest) -> HttpResponse:
    """Test aria2 by having it write a file."""
    raise NotImplementedError
