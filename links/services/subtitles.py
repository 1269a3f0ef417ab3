"""Subtitles of a video, as browsers read them."""

from __future__ import annotations

MAX_SUBTITLES = 2 * 1024 * 1024  # bytes of one file


class NoSubtitles(Exception):
    """The file holds no subtitles that we can read."""


def as_vtt(data: bytes, name: str) -> str:
    """Return subtitles as WebVTT, from SRT, WebVTT, ASS, SSA, or MicroDVD in any common encoding. Raises `NoSubtitles`."""
    raise NotImplementedError
