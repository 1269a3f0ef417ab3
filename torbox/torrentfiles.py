""".torrent files from strangers: the v1 info hash, and what a person wants to see before adding (BEP 3, 47)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from torbox import bencode
from torbox.cleaning import clean_trackers, plain_text
from torbox.links import Magnet
from torbox.models import FileEntry

MAX_TORRENT_FILE = 10 * 1024 * 1024  # bytes
MAX_FILES = 100_000
MAX_SIZE = 2**63 - 1  # bytes
COMPONENT_LIMIT = 255  # characters of one folder or file name
MAX_FOLDERS = 100

_UNUSABLE = "This is not a usable .torrent file: "


class InvalidTorrentFile(ValueError):
    """The bytes are no usable .torrent file; the message is one plain sentence for a person."""


@dataclass(frozen=True)
class TorrentMeta:
    """`size`: bytes of all files, padding left out. Paths begin with the torrent's name if it is a folder."""

    info_hash: str
    name: str
    size: int
    files: tuple[FileEntry, ...]
    trackers: tuple[str, ...]
    private: bool

    @property
    def magnet(self) -> Magnet:
        return Magnet(self.info_hash, self.name, self.trackers, self.size)


def parse(data: bytes) -> TorrentMeta:
    """Read a .torrent file. Raises InvalidTorrentFile, in bounded time and memory, for anything else.

    The hash is taken over the `info` bytes as they stand, so that a file with unusual but readable
    encoding keeps the hash the swarm knows.
    """
    _refuse_at_first_sight(data)
    root, info, start, end = _info(data)
    info_hash = hashlib.sha1(data[start:end], usedforsecurity=False).hexdigest()
    name = _name(info, info_hash)
    files = tuple(_files(info, name))
    size = sum(entry.size for entry in files)
    if size > MAX_SIZE:
        raise InvalidTorrentFile(_UNUSABLE + "its sizes are impossible.")
    return TorrentMeta(info_hash, name, size, files, _trackers(root), info.get(b"private") == 1)


def _refuse_at_first_sight(data: bytes) -> None:
    if not data:
        raise InvalidTorrentFile("This .torrent file is empty.")
    if len(data) > MAX_TORRENT_FILE:
        raise InvalidTorrentFile("This .torrent file is larger than 10 MiB, which none needs to be.")
    if data[:200].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        raise InvalidTorrentFile("This is a web page saved as a .torrent file; download it again.")
    if data[:200].lstrip().lower().startswith(b"magnet:"):
        raise InvalidTorrentFile("This file holds a magnet link; paste the link instead.")


def _info(data: bytes) -> tuple[dict[bytes, object], dict[bytes, object], int, int]:
    """The root and `info` dictionaries, and where the latter lies."""
    try:
        document = bencode.decode(data)
    except bencode.InvalidBencode:
        raise InvalidTorrentFile("This is not a .torrent file, or it is damaged.") from None
    root = document.value
    info = root.get(b"info") if isinstance(root, dict) else None
    if not isinstance(root, dict) or not isinstance(info, dict):
        raise InvalidTorrentFile("This is not a .torrent file, or it is damaged.")
    _check_version(info)
    return root, info, *document.spans[b"info"]


def _check_version(info: dict[bytes, object]) -> None:
    pieces = info.get(b"pieces")
    if pieces is None and (b"meta version" in info or b"file tree" in info):
        raise InvalidTorrentFile("This .torrent file is v2-only, which TorBox cannot add.")
    if not isinstance(pieces, bytes) or len(pieces) % 20:
        raise InvalidTorrentFile(_UNUSABLE + "its piece hashes are damaged.")


def _name(info: dict[bytes, object], info_hash: str) -> str:
    return _component(info.get(b"name.utf-8", info.get(b"name"))) or info_hash


def _files(info: dict[bytes, object], name: str) -> Iterator[FileEntry]:
    listed = info.get(b"files")
    if listed is None:
        yield FileEntry(name, _length(info))
        return
    if not isinstance(listed, list) or not listed:
        raise InvalidTorrentFile(_UNUSABLE + "it lists no files.")
    if len(listed) > MAX_FILES:
        raise InvalidTorrentFile(_UNUSABLE + "it lists too many files.")
    for item in listed:
        if not isinstance(item, dict):
            raise InvalidTorrentFile(_UNUSABLE + "its file list is damaged.")
        if not _is_padding(item):
            yield FileEntry(f"{name}/{_path(item)}", _length(item))


def _is_padding(item: dict[bytes, object]) -> bool:
    attributes = item.get(b"attr")
    return isinstance(attributes, bytes) and b"p" in attributes


def _length(item: dict[bytes, object]) -> int:
    length = item.get(b"length")
    if not isinstance(length, int) or not 0 <= length <= MAX_SIZE:
        raise InvalidTorrentFile(_UNUSABLE + "its sizes are impossible.")
    return length


def _path(item: dict[bytes, object]) -> str:
    parts = item.get(b"path.utf-8", item.get(b"path"))
    if not isinstance(parts, list) or not 0 < len(parts) <= MAX_FOLDERS:
        raise InvalidTorrentFile(_UNUSABLE + "a file in it has no path.")
    # Paths are only ever shown, yet nothing that climbs out of its folder may leave this module.
    return "/".join(filter(None, map(_component, parts))) or "_"


def _component(value: object) -> str:
    """One name without separators; "" for the names that mean no name or another folder."""
    if not isinstance(value, bytes):
        return ""
    text = value[: COMPONENT_LIMIT * 4].decode("utf-8", "replace")
    plain = plain_text(text.replace("/", "_").replace("\\", "_"), COMPONENT_LIMIT)
    return "" if plain in (".", "..") else plain


def _trackers(root: dict[bytes, object]) -> tuple[str, ...]:
    return clean_trackers(address.decode("utf-8", "replace") for address in _addresses(root))


def _addresses(root: dict[bytes, object]) -> Iterator[bytes]:
    """The single announce address, then those of all tiers (BEP 12)."""
    tiers = root.get(b"announce-list")
    groups = [[root.get(b"announce")], *(tiers if isinstance(tiers, list) else [])]
    for group in groups:
        for address in group if isinstance(group, list) else [group]:
            if isinstance(address, bytes):
                yield address
