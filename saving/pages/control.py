"""Pause, resume, retry, cancel, and order jobs from the list."""

from __future__ import annotations

from django.http import HttpResponse

from accounts.http import MemberRequest


def control(request: MemberRequest, pk: int, operation: str) -> HttpResponse:
    """Pause, resume, retry, or move the job of a torrent."""
    raise NotImplementedError


def cancel(request: MemberRequest, pk: int) -> HttpResponse:
    """Ask whether to keep the partial file, then cancel the job of a torrent."""
    raise NotImplementedError


def pause_all(request: MemberRequest) -> HttpResponse:
    """Pause all jobs that the person may control."""
    raise NotImplementedError


def resume_all(request: MemberRequest) -> HttpResponse:
    """Let all of them go on."""
    raise NotImplementedError
