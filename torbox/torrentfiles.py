"""Read untrusted .torrent files: the v1 info hash, and what people want to see before adding (BEP 3, 47)."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field

from torbox import bencode
from torbox.files import FileEntry, is_padding
from torbox.magnets import Magnet, fitted
from torbox.name_encodings import encoding_of
from torbox.sanitize import clean_trackers, plain_text
from torbox.skip_reasons import SkipReason, Unusable

MAX_TORRENT_FILE = 10 * 1024 * 1024  # bytes
MAX_FILES = 100_000
MAX_SIZE = 2**63 - 1  # bytes
COMPONENT_LIMIT = 255  # characters of one folder or file name
MAX_FOLDERS = 100

_GZIP = b"\x1f\x8b"
# With a repeated key, TorBox might use the other value and add different files than the preview shows.
_UNIQUE_IN_INFO = (b"pieces", b"files", b"name", b"name.utf-8", b"length")
_UNIQUE_IN_FILE = (b"length", b"path", b"path.utf-8")


class InvalidTorrentFile(Unusable):
    """Raised for bytes that are not a usable .torrent file."""


@dataclass(frozen=True)
class TorrentMeta:
    """The contents of a .torrent file.

    `size`: bytes of all files without padding. Paths begin with the torrent's name if it is a folder.
    `data`: the file itself, decompressed.
    """

    info_hash: str
    name: str
    size: int
    files: tuple[FileEntry, ...]
    trackers: tuple[str, ...]
    private: bool
    data: bytes = field(repr=False, compare=False)

    @property
    def magnet(self) -> Magnet:
        return fitted(Magnet(self.info_hash, self.name, self.trackers, self.size))


def parse(data: bytes) -> TorrentMeta:
    """Read a .torrent file. Raises InvalidTorrentFile, in bounded time and memory, for anything else.

    The hash covers the `info` bytes as they are, so a file with unusual but readable encoding keeps the hash
    that the swarm knows.
    """
    data = _unpacked(data)
    _refuse_at_first_sight(data)
    root, info, start, end = _info(data)
    info_hash = hashlib.sha1(data[start:end], usedforsecurity=False).hexdigest()
    encoding = encoding_of(root.get(b"encoding"), _raw_names(info))
    name = (
        _component(info.get(b"name.utf-8"), "utf-8") or _component(info.get(b"name"), encoding) or info_hash
    )
    files = tuple(_files(info, name, encoding))
    size = sum(entry.size for entry in files)
    if size > MAX_SIZE:
        raise InvalidTorrentFile(SkipReason.IMPOSSIBLE_SIZE)
    private = info.get(b"private") == 1
    return TorrentMeta(info_hash, name, size, files, _trackers(root), private, data)


def is_web_page(data: bytes) -> bool:
    """Return whether the bytes look like HTML, which servers send in place of a missing or restricted file."""
    return data[:200].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")


def _unpacked(data: bytes) -> bytes:
    """Decompress a gzipped file, which some sites serve and browsers save. Stop one byte past the limit."""
    if not data.startswith(_GZIP):
        return data
    reader = zlib.decompressobj(zlib.MAX_WBITS | 16)
    try:
        unpacked = reader.decompress(data, MAX_TORRENT_FILE + 1)
    except zlib.error:
        unpacked = b""
    if not unpacked or (not reader.eof and len(unpacked) <= MAX_TORRENT_FILE):
        raise InvalidTorrentFile(SkipReason.DAMAGED_GZIP)
    return unpacked


def _refuse_at_first_sight(data: bytes) -> None:
    if not data:
        raise InvalidTorrentFile(SkipReason.EMPTY_FILE)
    if len(data) > MAX_TORRENT_FILE:
        raise InvalidTorrentFile(SkipReason.FILE_TOO_LARGE, limit=MAX_TORRENT_FILE // 1024**2)
    if is_web_page(data):
        raise InvalidTorrentFile(SkipReason.WEB_PAGE)
    if data[:200].lstrip().lower().startswith(b"magnet:"):
        raise InvalidTorrentFile(SkipReason.MAGNET_IN_FILE)


def _info(data: bytes) -> tuple[dict[bytes, object], dict[bytes, object], int, int]:
    """Return the root and `info` dictionaries, and the start and end of the latter."""
    try:
        document = bencode.decode(data)
    except bencode.BeyondLimits:
        raise InvalidTorrentFile(SkipReason.TOO_MANY_VALUES, limit=bencode.MAX_TOKENS) from None
    except bencode.InvalidBencode:
        raise InvalidTorrentFile(SkipReason.NOT_A_TORRENT_FILE) from None
    root = document.value
    info = root.get(b"info") if isinstance(root, dict) else None
    if not isinstance(root, dict) or not isinstance(info, dict):
        raise InvalidTorrentFile(SkipReason.NOT_A_TORRENT_FILE)
    _refuse_repeated(root, (b"info",))
    _refuse_repeated(info, _UNIQUE_IN_INFO)
    _check_version(info)
    return root, info, *document.spans[b"info"]


def _refuse_repeated(part: dict[bytes, object], keys: tuple[bytes, ...]) -> None:
    repeated = part.repeated if isinstance(part, bencode.Dictionary) else frozenset()
    for key in keys:
        if key in repeated:
            raise InvalidTorrentFile(SkipReason.REPEATED_KEY, key=key.decode())


def _check_version(info: dict[bytes, object]) -> None:
    pieces = info.get(b"pieces")
    if pieces is None and (b"meta version" in info or b"file tree" in info):
        raise InvalidTorrentFile(SkipReason.V2_ONLY_FILE)
    if not isinstance(pieces, bytes) or len(pieces) % 20:
        raise InvalidTorrentFile(SkipReason.DAMAGED_PIECES)


def _raw_names(info: dict[bytes, object]) -> Iterator[bytes]:
    """Yield the names that are in the declared encoding, if there is one."""
    listed = info.get(b"files")
    items = [item for item in listed if isinstance(item, dict)] if isinstance(listed, list) else []
    parts = [item.get(b"path") for item in items if b"path.utf-8" not in item]
    for group in [[info.get(b"name")], *parts]:
        for name in group if isinstance(group, list) else []:
            if isinstance(name, bytes):
                yield name


def _files(info: dict[bytes, object], name: str, encoding: str) -> Iterator[FileEntry]:
    listed = info.get(b"files")
    if listed is None:
        yield FileEntry(name, _length(info))
        return
    if not isinstance(listed, list) or not listed:
        raise InvalidTorrentFile(SkipReason.NO_FILES)
    if len(listed) > MAX_FILES:
        raise InvalidTorrentFile(SkipReason.TOO_MANY_FILES, limit=MAX_FILES)
    for item in listed:
        if not isinstance(item, dict):
            raise InvalidTorrentFile(SkipReason.DAMAGED_FILE_LIST)
        _refuse_repeated(item, _UNIQUE_IN_FILE)
        path = _path(item, encoding)
        if not (_has_attribute(item, b"p") or is_padding(path)):
            yield FileEntry(f"{name}/{path}", _length(item))


def _has_attribute(item: dict[bytes, object], letter: bytes) -> bool:
    """Return whether a file has an attribute of BEP 47.

    `p` is padding, `l` a link to another file of the torrent, `x` executable, `h` hidden.
    """
    attributes = item.get(b"attr")
    return isinstance(attributes, bytes) and letter in attributes


def _length(item: dict[bytes, object]) -> int:
    length = 0 if _has_attribute(item, b"l") else item.get(b"length")
    if not isinstance(length, int) or not 0 <= length <= MAX_SIZE:
        raise InvalidTorrentFile(SkipReason.IMPOSSIBLE_SIZE)
    return length


def _path(item: dict[bytes, object], encoding: str) -> str:
    parts = item.get(b"path.utf-8")
    if isinstance(parts, list) and parts:
        encoding = "utf-8"
    else:
        parts = item.get(b"path")
    if not isinstance(parts, list) or not parts:
        raise InvalidTorrentFile(SkipReason.FILE_WITHOUT_PATH)
    # Paths are only ever shown, but a path that climbs out of its folder must not leave this module.
    shown = (_component(part, encoding) for part in parts[:MAX_FOLDERS])
    return "/".join(filter(None, shown)) or "_"


def _component(value: object, encoding: str) -> str:
    """Return one name without separators, or "" for a missing name, `.`, and `..`."""
    if not isinstance(value, bytes):
        return ""
    text = value[: COMPONENT_LIMIT * 4].decode(encoding, "replace")
    plain = plain_text(text.replace("/", "_").replace("\\", "_"), COMPONENT_LIMIT)
    return "" if plain in (".", "..") else plain


def _trackers(root: dict[bytes, object]) -> tuple[str, ...]:
    return clean_trackers(address.decode("utf-8", "replace") for address in _addresses(root))


def _addresses(root: dict[bytes, object]) -> Iterator[bytes]:
    """Yield the single announce address, then those of all tiers (BEP 12)."""
    tiers = root.get(b"announce-list")
    groups = [[root.get(b"announce")], *(tiers if isinstance(tiers, list) else [])]
    for group in groups:
        for address in group if isinstance(group, list) else [group]:
            if isinstance(address, bytes):
                yield address
