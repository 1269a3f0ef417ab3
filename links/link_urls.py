"""The addresses of lasting links. Names in them are for people and programs: any name leads to the same file."""

from __future__ import annotations

from django.conf import settings
from django.urls import reverse

from .services.contents import LinkFile
from .services.opening import Opened
from .target_paths import safe_name

PLAYLIST, FEED = "playlist.m3u8", "feed.xml"
RESERVED = {PLAYLIST, FEED}


def page_url(token: str) -> str:
    """Return the address of a share page."""
    return _absolute("links:open", token)


def list_url(opened: Opened) -> str:
    """Return the address of a playlist or podcast."""
    view = "links:feed" if opened.link.kind == opened.link.Kind.PODCAST else "links:media_playlist"
    return _absolute(view, opened.token)


def only_url(token: str, name: str) -> str:
    """Return the address of the only file of a link, or of the zip of all files, under this name."""
    return f"{settings.SITE_ORIGIN}{only_path(token, name)}"


def only_path(token: str, name: str) -> str:
    """Return the same without the host, for a page that may have been opened under another one."""
    name = safe_name(name)
    return reverse("links:take", args=[token, f"_{name}" if name in RESERVED else name])


def file_url(token: str, file: LinkFile) -> str:
    """Return the address of one of the files of a link."""
    return f"{settings.SITE_ORIGIN}{file_path(token, file)}"


def file_path(token: str, file: LinkFile) -> str:
    """Return the same without the host."""
    return reverse("links:take_file", args=[token, file.ref, safe_name(file.name)])


def _absolute(view: str, *parts: str) -> str:
    return f"{settings.SITE_ORIGIN}{reverse(view, args=parts)}"
