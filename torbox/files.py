"""The files inside torrents as TorBox lists them, without padding (docs/torbox-api.md#torrent-object)."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

from torbox.errors import Malformed
from torbox.fields import PATH_LIMIT, Fields
from torbox.sanitize import is_blank

_MD5 = re.compile(r"[0-9a-fA-F]{32}", re.ASCII)
# Padding fills the gap between files so that the next one begins with a piece. BEP 47 and BitComet name it differently.
_PADDING = re.compile(r"(^|/)(\.pad/[\d.]+$|_{5}padding_file_\d+_)")


@dataclass(frozen=True, slots=True)
class File:
    """A file of a torrent on the account. `id` is opaque and may be 0. `path` starts with the root folder.

    `md5`: 32 lowercase hex digits, or "" as for most files.
    """

    id: int
    path: str
    size: int
    mime_type: str = ""
    md5: str = ""
    zipped: bool = False
    infected: bool = False

    @property
    def short_name(self) -> str:
        return self.path.rsplit("/", 1)[-1]

    @classmethod
    def from_json(cls, obj: object, owner: Fields | None = None, fallback: str = "") -> Self:
        """Read a file. Raises Malformed if it has no id.

        `owner`: where an odd field is marked. `fallback`: the beginning of the name for a file without one.
        """
        fields = Fields(obj, "files")
        remote_id = fields.id("id")
        file = cls(
            id=remote_id,
            path=path_of(fields, f"{fallback} file {remote_id}".strip()),
            size=max(0, fields.integer("size")),
            # A few types are shared by hundreds of thousands of files.
            mime_type=sys.intern(fields.text("mimetype")),
            md5=_checksum(fields.raw("md5")),
            zipped=fields.boolean("zipped"),
            infected=fields.boolean("infected"),
        )
        if fields.unread and owner:
            owner.mark_unread("files")
        return file


@dataclass(frozen=True, slots=True)
class FileEntry:
    """A file of a torrent that is not on the account, so it has no id and no link. `size` in bytes."""

    path: str
    size: int

    @classmethod
    def from_json(cls, obj: object) -> Self:
        fields = Fields(obj, "files")
        return cls(path=path_of(fields, "file"), size=max(0, fields.integer("size")))


def path_of(fields: Fields, fallback: str) -> str:
    """Return the path of a file without nameless folders. `fallback` is the name of a file that has none."""
    folder, _, name = fields.text("name", PATH_LIMIT).rpartition("/")
    if is_blank(name):
        name = fields.text("short_name", PATH_LIMIT).rpartition("/")[2] or fallback
    if folder[:1] == "/" or folder[-1:] == "/" or "//" in folder or not folder.isascii():
        folder = "/".join(part for part in folder.split("/") if not is_blank(part))
    return f"{folder}/{name}" if folder else name


def _checksum(value: object) -> str:
    """Return an MD5 checksum in lower case, or "" for anything else.

    That isn't marked as unread: the row would be read again each time, for a file that can do without.
    """
    if not isinstance(value, str) or not _MD5.fullmatch(value.strip()):
        return ""
    return value.strip().lower()


def is_padding(path: str) -> bool:
    """Return whether a file is padding, which torrent clients don't show."""
    return ("padding_file_" in path or ".pad/" in path) and _PADDING.search(path) is not None


def files_of(fields: Fields, info_hash: str) -> tuple[tuple[File, ...] | None, int]:
    """Return the files of a row, or None if TorBox sent none, and how many of them can't be read."""
    items = fields.items("files")
    if items is None:
        return None, 0
    files, unread = [], 0
    for item in items:
        try:
            files.append(File.from_json(item, fields, info_hash))
        except Malformed:
            unread += 1
    if unread:
        fields.mark_unread("files")
    return tuple(file for file in files if not is_padding(file.path)), unread


def entries_of(fields: Fields) -> tuple[FileEntry, ...]:
    """Return the readable files of a torrent that is not on the account."""
    return tuple(entry for entry in _entries(fields) if not is_padding(entry.path))


def _entries(fields: Fields) -> Iterator[FileEntry]:
    for item in fields.items("files") or ():
        try:
            yield FileEntry.from_json(item)
        except Malformed:
            fields.mark_unread("files")
