"""File contents that aren't stored: any range of any file, computed from (seed, path, size, offset).

A file is a sequence of blocks. Each block starts with its number, so that a wrong offset is always noticed,
and continues with a pattern computed from seed and path. Text files have readable lines, subtitles can be shown, and
films and recordings can be played (media_files.py).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from functools import lru_cache
from pathlib import PurePosixPath

from simulator import media_files, subtitles
from simulator.media_files import Part

BLOCK = 64 * 1024
HEAD = 8
TEXT = {".srt", ".vtt", ".txt", ".nfo", ".md", ".csv", ".log", ".cue", ".m3u"}


@lru_cache(maxsize=128)
def pattern(seed: str, path: str) -> bytes:
    source = f"{seed}\0{path}".encode()
    if PurePosixPath(path).suffix.lower() in TEXT:
        line = f"{PurePosixPath(path).name} - made up by the simulator, {hashlib.sha1(source).hexdigest()}\n"
        return (line.encode() * BLOCK)[: BLOCK - HEAD]
    return hashlib.shake_128(source).digest(BLOCK - HEAD)


def read(seed: str, path: str, size: int, start: int, stop: int) -> Iterator[bytes]:
    """Yield the bytes from `start` up to `stop` of a file of `size` bytes, in pieces of at most one block."""
    repeated = media_files.loop(path)
    parts = media_files.parts(path, size) or subtitles.parts(path, size)
    body = pattern(seed, path)
    while start < stop:
        if repeated:
            piece = repeated[start % len(repeated) :][: stop - start]
        else:
            index, skip = divmod(start, BLOCK)
            piece = (b"%07d\n" % (index % 10_000_000) + body)[skip : skip + stop - start]
        yield _with_parts(piece, start, parts)
        start += len(piece)


def _with_parts(piece: bytes, start: int, parts: tuple[Part, ...]) -> bytes:
    """Return the piece that starts at offset `start` with those parts in their places."""
    end = start + len(piece)
    for at, data in parts:
        low, high = max(start, at), min(end, at + len(data))
        if low < high:
            piece = piece[: low - start] + data[low - at : high - at] + piece[high - start :]
    return piece


@lru_cache(maxsize=4096)
def md5(seed: str, path: str, size: int) -> str:
    """Return the MD5 of a whole file in hex."""
    digest = hashlib.md5(usedforsecurity=False)
    for piece in read(seed, path, size, 0, size):
        digest.update(piece)
    return digest.hexdigest()


def whole(seed: str, path: str, size: int) -> bytes:
    return b"".join(read(seed, path, size, 0, size))
