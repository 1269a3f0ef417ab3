"""Links as files other programs read: plain text, a playlist, an input file for aria2. Pure functions.

Paths come from outside: no line break of theirs may start a line of its own, and none may leave the folder that
aria2 downloads to.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from .formatting import display_name
from .services.downloading import Link

LONGEST_PART = 120  # characters; file systems end at 255 bytes
NOT_IN_NAMES = re.compile(r'[\\:*?"<>|]')  # Windows; and a backslash would be a folder there


@dataclass(frozen=True)
class Format:
    """How links become a file: `write` takes the links and the comment lines above them."""

    extension: str
    content_type: str
    write: Callable[[list[Link], list[str]], str]


def text(links: list[Link], comments: list[str]) -> str:
    """One link a line."""
    return _lines([*_commented(comments), *(link.url for link in links)])


def m3u(links: list[Link], comments: list[str]) -> str:
    """A playlist as VLC and other players open it."""
    entries = [line for link in links for line in (f"#EXTINF:-1,{display_name(link.name)}", link.url)]
    return _lines(["#EXTM3U", *_commented(comments), *entries])


def aria2(links: list[Link], comments: list[str]) -> str:
    """For `aria2c --input-file`: each link with the path to save it under."""
    entries = [line for link in links for line in (link.url, f"  out={safe_path(link.path)}")]
    return _lines([*_commented(comments), *entries])


FORMATS = {
    "text": Format("txt", "text/plain", text),
    "m3u": Format("m3u", "audio/x-mpegurl", m3u),
    "aria2": Format("aria2.txt", "text/plain", aria2),
}


def startable_until(moment: datetime) -> str:
    """The first comment of every file of links."""
    local = timezone.localtime(moment)
    return f"These links can be started until {local:%H:%M} ({local:%Z}) on {local.day} {local:%B %Y}."


def safe_path(path: str) -> str:
    """`path` as a relative one that stays below the folder it is saved in, on any system."""
    parts = [NOT_IN_NAMES.sub("_", display_name(part, LONGEST_PART)).strip(". ") for part in path.split("/")]
    return "/".join(part for part in parts if part) or "file"


def _commented(comments: Iterable[str]) -> list[str]:
    return [f"# {display_name(comment, 500)}" for comment in comments]


def _lines(lines: Iterable[str]) -> str:
    return "".join(f"{line}\n" for line in lines)
