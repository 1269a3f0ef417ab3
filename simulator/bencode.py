"""Just enough bencoding to read uploaded .torrent files and to write generated ones."""

from __future__ import annotations

from typing import Any

MAX_DEPTH = 50


def encode(value: Any) -> bytes:
    if isinstance(value, int):
        return b"i%de" % value
    if isinstance(value, str):
        value = value.encode()
    if isinstance(value, bytes):
        return b"%d:%s" % (len(value), value)
    if isinstance(value, list | tuple):
        return b"l" + b"".join(map(encode, value)) + b"e"
    if isinstance(value, dict):
        pairs = sorted((key.encode() if isinstance(key, str) else key, item) for key, item in value.items())
        return b"d" + b"".join(encode(key) + encode(item) for key, item in pairs) + b"e"
    raise TypeError(f"cannot bencode {type(value).__name__}")


def decode(data: bytes) -> Any:
    """Decode a value. Raises ValueError for malformed data, including bytes after the end."""
    reader = Reader(data)
    value = reader.value()
    if reader.at != len(data):
        raise ValueError("bytes after the end")
    return value


def raw_value(data: bytes, key: bytes) -> bytes:
    """Return the undecoded value of a key of the outermost dictionary, from which info hashes are computed."""
    reader = Reader(data)
    if reader.take(1) != b"d":
        raise ValueError("not a dictionary")
    while reader.peek() != b"e":
        name = reader.value()
        start = reader.at
        reader.value()
        if name == key:
            return data[start : reader.at]
    raise ValueError(f"no {key.decode()}")


class Reader:
    def __init__(self, data: bytes) -> None:
        self.data, self.at, self.depth = data, 0, 0

    def peek(self) -> bytes:
        return self.data[self.at : self.at + 1]

    def take(self, count: int) -> bytes:
        piece = self.data[self.at : self.at + count]
        if len(piece) != count:
            raise ValueError("ends too early")
        self.at += count
        return piece

    def until(self, mark: bytes) -> bytes:
        end = self.data.find(mark, self.at, self.at + 24)
        if end < 0:
            raise ValueError("unterminated number")
        piece, self.at = self.data[self.at : end], end + 1
        return piece

    def value(self) -> Any:
        kind = self.peek()
        if kind.isdigit():
            return self.take(int(self.until(b":")))
        self.take(1)
        if kind == b"i":
            return int(self.until(b"e"))
        if kind in (b"l", b"d"):
            return self.nested(kind)
        raise ValueError("unknown type")

    def nested(self, kind: bytes) -> Any:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise ValueError("nested too deeply")
        items = []
        while self.peek() != b"e":
            items.append(self.value())
        self.take(1)
        self.depth -= 1
        return items if kind == b"l" else _pairs(items)


def _pairs(items: list[Any]) -> dict[bytes, Any]:
    if len(items) % 2 or not all(isinstance(key, bytes) for key in items[::2]):
        raise ValueError("broken dictionary")
    return dict(zip(items[::2], items[1::2], strict=True))
