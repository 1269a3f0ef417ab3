"""The files of a torrent, one folder and one piece at a time, so that 20,000 files open as fast as four.

A page gets one level of a large torrent. A folder is loaded when it is opened, and a long level is loaded piece by
piece. The first piece is short, because someone waits for it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from torrents.folding import fold, path_key, words_of
from torrents.media import media_kind
from torrents.models import Torrent

FIRST_PIECE, PIECE = 50, 200
SMALL = 40  # files; up to this number, folders are loaded and open
DEEPEST = 6  # levels that are open at once
FILTERED_FROM = 15  # files; from this number on, there is a filter
MAX_FILTER = 200


class Entry(NamedTuple):
    path: str
    pk: int
    size: int
    mime_type: str

    @property
    def name(self) -> str:
        return self.path.rsplit("/", 1)[-1]


@dataclass(frozen=True)
class TreeRow:
    """A file (`pk`) or a folder (`pk` is 0). `within`: the folder of a file that the filter found.

    `rows` are those of a folder that is open from the start. They are None if it is loaded when it is opened.
    """

    name: str
    path: str
    size: int
    pk: int = 0
    count: int = 1
    media: str = ""
    within: str = ""
    rows: list[TreeRow] | None = None

    @property
    def is_folder(self) -> bool:
        return not self.pk

    @property
    def key(self) -> str:
        """Return an ID for the row's element, because a path may hold any character."""
        return hashlib.blake2b(self.path.encode("utf-8", "replace"), digest_size=6).hexdigest()


@dataclass(frozen=True)
class TreeLevel:
    """One piece of a folder, or of the files that the filter found.

    `shared` is the folder around all files, which is named once. `above` has (name, path) of the folders that lead here,
    and `following` is the number of rows after this piece.
    """

    folder: str
    rows: list[TreeRow]
    start: int
    following: int
    total: int
    size: int
    shared: str = ""
    find: str = ""
    above: tuple[tuple[str, str], ...] = ()

    @property
    def found(self) -> int:
        return self.start + len(self.rows) + self.following

    @property
    def next_start(self) -> int:
        return self.start + len(self.rows) if self.following else 0

    @property
    def next_piece(self) -> int:
        return min(PIECE, self.following)

    @property
    def filterable(self) -> bool:
        return bool(self.find) or self.total >= FILTERED_FROM


def level(torrent: Torrent, *, folder: str = "", find: str = "", start: int = 0) -> TreeLevel:
    """Return the rows of `folder` from `start` on, or with `find`, all files whose path has each of its words."""
    return level_of(_entries(torrent), folder=folder, find=find, start=start)


def level_of(
    entries: Sequence[Entry],
    *,
    folder: str = "",
    find: str = "",
    start: int = 0,
    small: int = SMALL,
    first_piece: int = FIRST_PIECE,
) -> TreeLevel:
    """Return the same of files that are sorted by path. Up to `small` of them come with all folders open."""
    shared = _common_folder(entries)
    find = find.strip()[:MAX_FILTER]
    inside = _inside(entries, folder or shared) if folder or shared else entries
    comes_open = len(entries) <= small
    rows = _found(entries, find, shared) if find else _rows(inside, folder or shared, comes_open)
    end = start + (PIECE if start else first_piece)
    return TreeLevel(
        folder=folder,
        rows=rows[start:end],
        start=start,
        following=max(0, len(rows) - end),
        total=len(entries),
        size=sum(entry.size for entry in entries),
        shared=shared,
        find=find,
        above=_above(folder, shared),
    )


def _entries(torrent: Torrent) -> list[Entry]:
    """Return all files by path, so that those of a folder are together. Databases differ in how they sort text."""
    values = torrent.files.order_by().values_list("path", "pk", "size", "mime_type")
    return sorted(map(Entry._make, values))


def _inside(entries: Sequence[Entry], folder: str) -> list[Entry]:
    top = f"{folder}/"
    return [entry for entry in entries if entry.path.startswith(top)]


def _rows(entries: Sequence[Entry], folder: str, comes_open: bool, depth: int = 0) -> list[TreeRow]:
    """Return folders, then files, in natural order: part 2 before part 10."""
    skip = len(folder) + 1 if folder else 0
    folders: dict[str, list[Entry]] = {}
    files: list[Entry] = []
    for entry in entries:
        first, slash, _ = entry.path[skip:].partition("/")
        folders.setdefault(first, []).append(entry) if slash else files.append(entry)
    below = [_folder(inside, skip, comes_open, depth) for inside in folders.values()]
    below.sort(key=lambda row: (path_key(f"{row.name}/"), row.name))
    return below + sorted(map(_file, files), key=lambda row: (path_key(row.name), row.name))


def _folder(inside: list[Entry], skip: int, comes_open: bool, depth: int) -> TreeRow:
    """Return the row of a folder. A folder that holds nothing but a folder is merged with it."""
    path = _common_folder(inside)
    return TreeRow(
        name=path[skip:],
        path=path,
        size=sum(entry.size for entry in inside),
        count=len(inside),
        rows=_rows(inside, path, comes_open, depth + 1) if comes_open and depth < DEEPEST else None,
    )


def _found(entries: Iterable[Entry], find: str, shared: str) -> list[TreeRow]:
    words = words_of(find)
    skip = len(shared) + 1 if shared else 0
    folded = ((entry, fold(entry.path[skip:])) for entry in entries)
    found = [entry for entry, text in folded if words and all(word in text for word in words)]
    found.sort(key=lambda entry: (path_key(entry.path), entry.path))
    return [_file(entry, within=entry.path[skip:].rpartition("/")[0]) for entry in found]


def _file(entry: Entry, within: str = "") -> TreeRow:
    media = media_kind(entry.name, entry.mime_type)
    return TreeRow(entry.name, entry.path, entry.size, entry.pk, media=media, within=within)


def _common_folder(entries: Sequence[Entry]) -> str:
    """Return the deepest folder around all of the sorted `entries`: what the first and the last share, all share."""
    if not entries:
        return ""
    first, last = (entries[at].path.split("/")[:-1] for at in (0, -1))
    same = 0
    while same < min(len(first), len(last)) and first[same] == last[same]:
        same += 1
    return "/".join(first[:same])


def _above(folder: str, shared: str) -> tuple[tuple[str, str], ...]:
    skip = len(shared) + 1 if shared and folder.startswith(f"{shared}/") else 0
    parts = folder[skip:].split("/") if folder else []
    return tuple((part, folder[:skip] + "/".join(parts[: n + 1])) for n, part in enumerate(parts))
