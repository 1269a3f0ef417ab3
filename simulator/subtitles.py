"""Subtitles of the size a work lists: one line every two seconds, as SubRip or WebVTT."""

from __future__ import annotations

from functools import lru_cache
from pathlib import PurePosixPath

from simulator.media_files import Part

MAX_BYTES = 4 * 1024 * 1024
"""A longer file is only lines of text."""
SECONDS = 2
FORMATS = {".srt": (b"", ","), ".vtt": (b"WEBVTT\n\n", ".")}
"""What such a file begins with, and its decimal point."""


@lru_cache(maxsize=64)
def parts(path: str, size: int) -> tuple[Part, ...]:
    """Return the whole text as one part. None for other files."""
    found = FORMATS.get(PurePosixPath(path).suffix.lower())
    if found is None or size > MAX_BYTES:
        return ()
    name = " ".join(PurePosixPath(path).name.split())
    start, point = found
    text, number = bytearray(start), 1
    while len(text) + len(cue := _cue(number, name, point)) <= size:
        text += cue
        number += 1
    return ((0, bytes(text[:size].ljust(size, b"\n"))),)


def _cue(number: int, name: str, point: str) -> bytes:
    start = SECONDS * number - 1
    times = f"{_time(start, point)} --> {_time(start + SECONDS, point)}"
    return f"{number}\n{times}\nLine {number} of {name}\n\n".encode()


def _time(seconds: int, point: str) -> str:
    minutes, second = divmod(seconds, 60)
    return f"{minutes // 60:02d}:{minutes % 60:02d}:{second:02d}{point}000"
