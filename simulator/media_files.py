"""Real films and recordings of the size a work lists, so that players can play them and seek in them.

media/make.sh makes the short files beside it. Each format says how a file gets longer: an MP4 has a `free` box before
its index, a Matroska file ends with a Void element, a FLAC file has padding before its first frame, and an MP3 repeats.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from functools import cache, lru_cache
from pathlib import Path, PurePosixPath

FOLDER = Path(__file__).parent / "media"
SHORT = {
    ".mp4": "film.mp4", ".m4v": "film.mp4", ".mkv": "film.webm", ".webm": "film.webm",
    ".m4a": "recording.m4a", ".m4b": "recording.m4a", ".flac": "recording.flac",
}  # fmt: skip
LOOP = "recording.mp3"
SEGMENT = b"\x18\x53\x80\x67\x01"
"""The ID of Matroska's Segment element, and the beginning of a size of 8 bytes."""
VOID = b"\xec\x01"
FLAC_MAX = 2**24 - 1
FLAC_PADDING, FLAC_LAST = 1, 0x80

Part = tuple[int, bytes]
"""An offset in the file, and the bytes there. Anything may be between the parts."""


@cache
def short(name: str) -> bytes:
    return (FOLDER / name).read_bytes()


def loop(path: str) -> bytes | None:
    """Return the bytes that an MP3 file repeats, or None for any other file."""
    return short(LOOP) if PurePosixPath(path).suffix.lower() == ".mp3" else None


@lru_cache(maxsize=256)
def parts(path: str, size: int) -> tuple[Part, ...]:
    """Return the parts of a playable file of exactly `size` bytes. None for other formats, and if it's too short."""
    name = SHORT.get(PurePosixPath(path).suffix.lower())
    if name is None:
        return ()
    data = short(name)
    if size < len(data) + 64:
        return ()
    return tuple(FORMATS[PurePosixPath(name).suffix](data, size))


def _mp4(data: bytes, size: int) -> Iterator[Part]:
    """Put the padding before the last box, `moov`. Offsets in it are of the boxes before, so they stay true."""
    at = index = 0
    while at < len(data):
        index, at = at, at + int.from_bytes(data[at : at + 4], "big")
    end = size - (len(data) - index)
    yield 0, data[:index] + struct.pack(">L4sQ", 1, b"free", end - index)
    yield end, data[index:]


def _matroska(data: bytes, size: int) -> Iterator[Part]:
    """Lengthen the segment, and put an empty element at its end."""
    at = data.index(SEGMENT) + len(SEGMENT)
    body = at + 7
    yield 0, data[:at] + (size - body).to_bytes(7, "big") + data[body:]
    yield len(data), VOID + (size - len(data) - 9).to_bytes(7, "big")


def _flac(data: bytes, size: int) -> Iterator[Part]:
    """Put as many padding blocks as it needs between STREAMINFO and the frames. One holds 16 MB at most."""
    frames = data[_after_metadata(data) :]
    at, end = 42, size - len(frames)
    yield 0, data[:4] + b"\0" + data[5:at]
    while at < end:
        length = min(end - at - 4, FLAC_MAX)
        if 0 < end - at - 4 - length < 4:  # not enough for the head of another block
            length -= 4
        last = FLAC_LAST if at + 4 + length == end else 0
        yield at, bytes([FLAC_PADDING | last]) + length.to_bytes(3, "big")
        at += 4 + length
    yield end, frames


def _after_metadata(data: bytes) -> int:
    at, last = 4, 0
    while not last:
        last = data[at] & FLAC_LAST
        at += 4 + int.from_bytes(data[at + 1 : at + 4], "big")
    return at


FORMATS = {".mp4": _mp4, ".m4a": _mp4, ".webm": _matroska, ".flac": _flac}
