"""An uncompressed zip written on the fly. Its length is known in advance, and it needs memory for one block.

It always uses the 64-bit form (APPNOTE 4.3.9, 4.5.3) and has the checksums after the data, when they are known.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Iterator
from typing import NamedTuple

FULL32, FULL16 = 0xFFFFFFFF, 0xFFFF
FLAGS = 0x0808  # checksum after the data, names in UTF-8
VERSION = 45
DATE = 0x5CA1  # a fixed day, so that the same work always gives the same zip


class Entry(NamedTuple):
    name: bytes
    size: int
    read: Callable[[], Iterator[bytes]]


def length(entries: list[Entry]) -> int:
    each = sum(30 + 20 + 24 + 46 + 28 + 2 * len(entry.name) + entry.size for entry in entries)
    return each + 56 + 20 + 22


def stream(entries: list[Entry]) -> Iterator[bytes]:
    at, directory = 0, b""
    for entry in entries:
        head = _local(entry)
        yield head
        checksum = 0
        for piece in entry.read():
            checksum = zlib.crc32(piece, checksum)
            yield piece
        tail = b"PK\x07\x08" + struct.pack("<LQQ", checksum, entry.size, entry.size)
        yield tail
        directory += _central(entry, checksum, at)
        at += len(head) + entry.size + len(tail)
    yield directory + _end(len(entries), len(directory), at)


def _local(entry: Entry) -> bytes:
    extra = struct.pack("<HHQQ", 1, 16, entry.size, entry.size)
    head = (VERSION, FLAGS, 0, 0, DATE, 0, FULL32, FULL32, len(entry.name), len(extra))
    return b"PK\x03\x04" + struct.pack("<HHHHHLLLHH", *head) + entry.name + extra


def _central(entry: Entry, checksum: int, offset: int) -> bytes:
    extra = struct.pack("<HHQQQ", 1, 24, entry.size, entry.size, offset)
    head = (VERSION, VERSION, FLAGS, 0, 0, DATE, checksum, FULL32, FULL32, len(entry.name), len(extra))
    rest = struct.pack("<HHHLL", 0, 0, 0, 0, FULL32)
    return b"PK\x01\x02" + struct.pack("<HHHHHHLLLHH", *head) + rest + entry.name + extra


def _end(count: int, size: int, offset: int) -> bytes:
    full = struct.pack("<QHHLLQQQQ", 44, VERSION, VERSION, 0, 0, count, count, size, offset)
    locator = struct.pack("<LQL", 0, offset + size, 1)
    short = struct.pack("<HHHHLLH", 0, 0, FULL16, FULL16, FULL32, FULL32, 0)
    return b"PK\x06\x06" + full + b"PK\x06\x07" + locator + b"PK\x05\x06" + short
