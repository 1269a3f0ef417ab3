"""The subtitles that a player offers for a video."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from ..subtitle_names import kind_of, labels

VTT = "text/vtt; charset=utf-8"


class Track(NamedTuple):
    """Subtitles at an address of ours. `language` is a code, or `und` for an unknown one, as HTML wants it."""

    address: str
    label: str
    language: str


def tracks_of(video: str, addresses: Mapping[str, str]) -> list[Track]:
    """Return the tracks of a video from the addresses of its subtitles, by their paths."""
    paths = list(addresses)
    return [
        Track(addresses[path], label, kind_of(path, video).language or "und")
        for path, label in zip(paths, labels(video, paths), strict=True)
    ]
