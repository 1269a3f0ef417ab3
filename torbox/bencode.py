"""Read untrusted bencode (BEP 3) iteratively, within limits, and with the position of each value.

The strict decoders of the usual libraries refuse keys out of order, which real .torrent files have. The info hash
covers the bytes as they are, so order does not matter here. Depth, number of values, and size of numbers are limited.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

MAX_DEPTH = 100  # as in libtorrent
MAX_TOKENS = 1_000_000  # values and ends; seconds of work at most

_TOKEN = re.compile(rb"i(-?[0-9]{1,20})e|([0-9]{1,9}):|([dle])")


class InvalidBencode(ValueError):
    """Raised for bytes that are not bencode, or exceed the limits of this module."""


class BeyondLimits(InvalidBencode):
    """Raised for more values than `MAX_TOKENS`."""


class Dictionary(dict[bytes, object]):
    """A dictionary with duplicate keys, named in `repeated`. The first value counts, as in libtorrent."""

    def __init__(self, items: dict[bytes, object], repeated: frozenset[bytes]) -> None:
        super().__init__(items)
        self.repeated = repeated


@dataclass(frozen=True, slots=True)
class Document:
    """A decoded value (bytes, int, list, dict with bytes keys), and the positions of the root's parts.

    `spans` has (start, end) of each value of the root dictionary, by key. It is empty for other roots.
    """

    value: object
    spans: dict[bytes, tuple[int, int]]


def decode(data: bytes) -> Document:
    """Decode the first value in `data`, and ignore what follows it, as torrent clients do.

    Raises InvalidBencode.
    """
    reader = _Reader(data)
    while not reader.finished:
        reader.step()
    return Document(reader.root, reader.spans)


class _Reader:
    """A pass over the bytes with an explicit stack of open lists and dictionaries."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.root: object = None
        self.finished = False
        self.spans: dict[bytes, tuple[int, int]] = {}
        self._position = 0
        self._tokens = 0
        self._stack: list[_List | _Dict] = []
        self._value_start = 0

    def step(self) -> None:
        start = self._position
        token = _TOKEN.match(self.data, start)
        if token is None:
            raise InvalidBencode(f"no value at byte {start}")
        self._tokens += 1
        if self._tokens > MAX_TOKENS:
            raise BeyondLimits("too many values")
        self._position = token.end()
        if len(self._stack) == 1:
            self._value_start = start
        number, length, mark = token.groups()
        if number is not None:
            self._place(int(number))
        elif length is not None:
            self._place(self._take(int(length)))
        elif mark == b"e":
            self._close()
        else:
            self._open(_Dict() if mark == b"d" else _List())

    def _take(self, length: int) -> bytes:
        end = self._position + length
        if end > len(self.data):
            raise InvalidBencode("a string runs past the end")
        text = self.data[self._position : end]
        self._position = end
        return text

    def _open(self, container: _List | _Dict) -> None:
        if len(self._stack) >= MAX_DEPTH:
            raise InvalidBencode("nested too deeply")
        self._stack.append(container)

    def _close(self) -> None:
        if not self._stack:
            raise InvalidBencode("an end without a beginning")
        container = self._stack.pop()
        self._place(container.finished())

    def _place(self, value: object) -> None:
        if not self._stack:
            self.root, self.finished = value, True
            return
        key = self._stack[-1].add(value)
        if key is not None and len(self._stack) == 1:
            self.spans.setdefault(key, (self._value_start, self._position))


class _List:
    """An open list."""

    __slots__ = ("items",)

    def __init__(self) -> None:
        self.items: list[object] = []

    def add(self, value: object) -> None:
        self.items.append(value)

    def finished(self) -> list[object]:
        return self.items


class _Dict:
    """An open dictionary."""

    __slots__ = ("_key", "_repeated", "items")

    def __init__(self) -> None:
        self.items: dict[bytes, object] = {}
        self._key: bytes | None = None
        self._repeated: set[bytes] = set()

    def add(self, value: object) -> bytes | None:
        """Take a key, or the value of the last key. Return the key when a pair is complete."""
        if self._key is None:
            if not isinstance(value, bytes):
                raise InvalidBencode("a key that is not a string")
            self._key = value
            return None
        key, self._key = self._key, None
        if key in self.items:
            self._repeated.add(key)
        else:
            self.items[key] = value
        return key

    def finished(self) -> dict[bytes, object]:
        if self._key is not None:
            raise InvalidBencode("a key without a value")
        return Dictionary(self.items, frozenset(self._repeated)) if self._repeated else self.items
