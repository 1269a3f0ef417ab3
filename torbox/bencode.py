"""Reading bencode from strangers (BEP 3): iterative, bounded, and exact about where each value lies.

The strict decoders of the usual libraries refuse keys out of order, which real .torrent files
have. The info hash is taken over the bytes as they are, so order does not matter here; depth,
number of values and size of numbers do.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

MAX_DEPTH = 64
MAX_TOKENS = 1_000_000  # values and ends; seconds of work at most

_TOKEN = re.compile(rb"i(-?[0-9]{1,20})e|([0-9]{1,9}):|([dle])")


class InvalidBencode(ValueError):
    """The bytes are not bencode, or are beyond the bounds of this module."""


@dataclass(frozen=True, slots=True)
class Document:
    """A decoded value (bytes, int, list, dict with bytes keys), and where the parts of the root lie.

    `spans` gives (start, end) of each value of the root dictionary, by key; empty for other roots.
    """

    value: object
    spans: dict[bytes, tuple[int, int]]


def decode(data: bytes) -> Document:
    """The first value in `data`; what follows it is ignored, as torrent clients do.

    Raises InvalidBencode.
    """
    reader = _Reader(data)
    while not reader.finished:
        reader.step()
    return Document(reader.root, reader.spans)


class _Reader:
    """One pass over the bytes with an explicit stack of open lists and dictionaries."""

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
            raise InvalidBencode("too many values")
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
        container.check_complete()
        self._place(container.items)

    def _place(self, value: object) -> None:
        if not self._stack:
            self.root, self.finished = value, True
            return
        key = self._stack[-1].add(value)
        if key is not None and len(self._stack) == 1:
            self.spans[key] = (self._value_start, self._position)


class _List:
    """An open list."""

    __slots__ = ("items",)

    def __init__(self) -> None:
        self.items: list[object] = []

    def add(self, value: object) -> None:
        self.items.append(value)

    def check_complete(self) -> None:
        return


class _Dict:
    """An open dictionary. A repeated key is refused: two readers could disagree on which one counts."""

    __slots__ = ("_key", "items")

    def __init__(self) -> None:
        self.items: dict[bytes, object] = {}
        self._key: bytes | None = None

    def add(self, value: object) -> bytes | None:
        """Take a key or the value of the last key; returns the key when a pair is complete."""
        if self._key is None:
            self._key = self._new_key(value)
            return None
        key, self._key = self._key, None
        self.items[key] = value
        return key

    def check_complete(self) -> None:
        if self._key is not None:
            raise InvalidBencode("a key without a value")

    def _new_key(self, value: object) -> bytes:
        if not isinstance(value, bytes):
            raise InvalidBencode("a key that is not a string")
        if value in self.items:
            raise InvalidBencode("a repeated key")
        return value
