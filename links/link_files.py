"""Links as files for other programs: plain text, a playlist, an input file for aria2. Pure functions.

Names come from outside, so a line break in one must not start a new line. target_paths.py makes the paths for aria2.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from localization.formats import full_date
from torrents.formatting import display_name

from .services.downloading import Link
from .target_paths import MAX_READ, shortened, unique_paths


@dataclass(frozen=True)
class Format:
    """How links become a file: `write` takes the links and the comments above them."""

    extension: str
    content_type: str
    write: Callable[[list[Link], list[str]], str]


def text(links: list[Link], comments: list[str]) -> str:
    """Write one link per line."""
    return _lines([*_commented(comments), *(link.url for link in links)])


def m3u(links: list[Link], comments: list[str]) -> str:
    """Write a playlist that VLC and other players open."""
    entries = [line for link in links for line in (f"#EXTINF:-1,{_title(link.name)}", link.url)]
    return _lines(["#EXTM3U", *_commented(comments), *entries])


def aria2(links: list[Link], comments: list[str], options: Sequence[str] = ()) -> str:
    """Write an input file for `aria2c --input-file`: each link, a unique path to save it under, and `options`."""
    paths = unique_paths(link.path for link in links)
    return _lines(
        [
            *_commented(comments),
            *(
                line
                for link, path in zip(links, paths, strict=True)
                for line in (link.url, f"  out={path}", *(f"  {option}" for option in options))
            ),
        ]
    )


def patient_aria2(links: list[Link], comments: list[str]) -> str:
    """Write the same for lasting links, so that aria2 asks again while TorBox is in trouble. It gives up otherwise."""
    return aria2(links, comments, ("max-tries=0", "retry-wait=10"))


FORMATS = {
    "text": Format("txt", "text/plain", text),
    "m3u": Format("m3u", "audio/x-mpegurl", m3u),
    "aria2": Format("aria2.txt", "text/plain", aria2),
}
LASTING_FORMATS = FORMATS | {"aria2": Format("aria2.txt", "text/plain", patient_aria2)}


def startable_until(moment: datetime) -> str:
    """Return the first comment of every file of links."""
    # Translators: a full date with its time.
    return _("Start these downloads before %(time)s.") % {"time": full_date(moment)}


def _title(name: str) -> str:
    return shortened(display_name(name, MAX_READ))


def _commented(comments: Iterable[str]) -> list[str]:
    return [f"# {display_name(comment, 500)}" for comment in comments]


def _lines(lines: Iterable[str]) -> str:
    return "".join(f"{line}\n" for line in lines)
