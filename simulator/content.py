"""File contents that aren't stored: any range of any file, computed from (seed, path, offset).

A file is a sequence of blocks. Each block starts with its number, so that a wrong offset is always noticed,
and continues with a pattern computed from seed and path. Text files have readable lines.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from functools import lru_cache
from pathlib import PurePosixPath

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


def read(seed: str, path: str, start: int, stop: int) -> Iterator[bytes]:
    """Yield the bytes from `start` up to `stop`, in pieces of at most one block."""
    body = pattern(seed, path)
    while start < stop:
        index, skip = divmod(start, BLOCK)
        piece = (b"%07d\n" % (index % 10_000_000) + body)[skip : skip + stop - start]
        yield piece
        start += len(piece)


def whole(seed: str, path: str, size: int) -> bytes:
    return b"".join(read(seed, path, 0, size))
