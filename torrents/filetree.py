"""The files of a torrent, a folder at a time and in pieces: twenty thousand of them open as fast as four.

A page never gets all of a large torrent. It gets one level; folders bring theirs when they are opened, and long
levels go on where the last piece ended.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from .media import media_kind
from .models import Torrent

PIECE = 200
SMALL = 40  # files; up to here folders come open, with what is in them
DEEPEST = 6  # levels that come open at once
FILTERED_FROM = 15  # files; from here on there is something to filter
LONGEST_FILTER = 200
DIGITS = re.compile(r"(\d+)")


class Entry(NamedTuple):
    path: str
    pk: int
    size: int
    mime_type: str

    @property
    def name(self) -> str:
        return self.path.rsplit("/", 1)[-1]


@dataclass(frozen=True)
class Row:
    """A file (`pk`) or a folder (`pk` is 0). `within`: the folder of a file that a filter found.

    `rows` is what a folder holds when it comes open, else None: asked for when it is opened.
    """

    name: str
    path: str
    size: int
    pk: int = 0
    count: int = 1
    media: str = ""
    within: str = ""
    rows: list[Row] | None = None

    @property
    def is_folder(self) -> bool:
        return not self.pk

    @property
    def key(self) -> str:
        """Names the row's element: a path may hold anything."""
        return hashlib.blake2b(self.path.encode("utf-8", "replace"), digest_size=6).hexdigest()


@dataclass(frozen=True)
class Level:
    """One piece of a folder, or of what a filter found. `shared`: the folder around all files, named once.

    `above`: (name, path) of the folders that lead here; `following`: how many rows come after this piece.
    """

    folder: str
    rows: list[Row]
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
        return self.start + PIECE if self.following else 0

    @property
    def next_piece(self) -> int:
        return min(PIECE, self.following)

    @property
    def filterable(self) -> bool:
        return bool(self.find) or self.total >= FILTERED_FROM


def level(torrent: Torrent, *, folder: str = "", find: str = "", start: int = 0) -> Level:
    """The rows of `folder`, or of all files whose path holds `find`, from row `start` on."""
    entries = _entries(torrent)
    shared = _common_folder(entries)
    find = find.strip()[:LONGEST_FILTER]
    inside = _inside(entries, folder or shared) if folder or shared else entries
    rows = _found(entries, find, shared) if find else _rows(inside, folder or shared, len(entries))
    return Level(
        folder=folder,
        rows=rows[start : start + PIECE],
        start=start,
        following=max(0, len(rows) - start - PIECE),
        total=len(entries),
        size=sum(entry.size for entry in entries),
        shared=shared,
        find=find,
        above=_above(folder, shared),
    )


def _entries(torrent: Torrent) -> list[Entry]:
    """All files by path. Sorted here: databases differ in how they order text."""
    values = torrent.files.order_by().values_list("path", "pk", "size", "mime_type")
    return sorted(map(Entry._make, values))


def _inside(entries: Sequence[Entry], folder: str) -> list[Entry]:
    top = f"{folder}/"
    return [entry for entry in entries if entry.path.startswith(top)]


def _rows(entries: Sequence[Entry], folder: str, total: int, depth: int = 0) -> list[Row]:
    """Folders, then files, each as people count: part 2 before part 10."""
    skip = len(folder) + 1 if folder else 0
    folders: dict[str, list[Entry]] = {}
    files: list[Entry] = []
    for entry in entries:
        first, slash, _ = entry.path[skip:].partition("/")
        folders.setdefault(first, []).append(entry) if slash else files.append(entry)
    below = [_folder(inside, skip, total, depth) for inside in folders.values()]
    return sorted(below, key=_by_name) + sorted(map(_file, files), key=_by_name)


def _folder(inside: list[Entry], skip: int, total: int, depth: int) -> Row:
    """A folder with nothing but a folder in it is one line with it."""
    path = _common_folder(inside)
    comes_open = total <= SMALL and depth < DEEPEST
    return Row(
        name=path[skip:],
        path=path,
        size=sum(entry.size for entry in inside),
        count=len(inside),
        rows=_rows(inside, path, total, depth + 1) if comes_open else None,
    )


def _found(entries: Iterable[Entry], find: str, shared: str) -> list[Row]:
    wanted = find.casefold()
    skip = len(shared) + 1 if shared else 0
    return [
        _file(entry, within=entry.path[skip:].rpartition("/")[0])
        for entry in entries
        if wanted in entry.path[skip:].casefold()
    ]


def _file(entry: Entry, within: str = "") -> Row:
    media = media_kind(entry.name, entry.mime_type)
    return Row(entry.name, entry.path, entry.size, entry.pk, media=media, within=within)


def _by_name(row: Row) -> list[str | int]:
    parts = DIGITS.split(row.name.casefold())
    return [int(part) if number % 2 else part for number, part in enumerate(parts)]


def _common_folder(entries: Sequence[Entry]) -> str:
    """The deepest folder that holds all of sorted `entries`; what first and last share, all share."""
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
