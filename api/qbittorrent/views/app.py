"""The versions that we announce, and settings that programs look at."""

from __future__ import annotations

from django.http import HttpResponse

from ..calling import Call, line, reads

# The last qBittorrent before sign-in and adding answer differently, which many programs don't know yet. Its API has what
# they need: from 2.6.1 on `content_path`, and from 2.11.0 on `stopped` in place of `paused`.
VERSION, API_VERSION = "v5.1.4", "2.11.4"


@reads
def version(request: Call) -> HttpResponse:
    return line(VERSION)


@reads
def webapi_version(request: Call) -> HttpResponse:
    return line(API_VERSION)
