"""The files behind a share link as a tree of folders, for its page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import urlencode

from torrents.models import Torrent
from torrents.pages.detail.tree import Entry, TreeLevel, TreeRow, level_of

from ..link_urls import file_path
from ..models import LastingLink
from ..services.contents import FileRow, LinkFile, file_of
from ..services.opening import Opened

# Up to this number of files, the page has all of them, and folders open without a request. With more, it has one level.
MAX_WHOLE = 500
MAX_OPEN = 40  # files; with more, folders are closed at first
MAX_FOLDER = 4_000  # characters


@dataclass(frozen=True)
class SharedRow:
    """A file with its addresses, or a folder with its `rows`, or else with the address of a page that has them."""

    name: str
    size: int
    download: str = ""
    play: str = ""
    folder: str = ""
    rows: list[SharedRow] | None = None

    @property
    def is_folder(self) -> bool:
        return not self.download


@dataclass(frozen=True)
class SharedLevel:
    """What the page shows of the files. `above` has (name, address) of the folders around it, the outermost first."""

    rows: list[SharedRow]
    is_open: bool
    following: int
    next_piece: int
    next_url: str
    above: list[tuple[str, str]]


def shared_level(
    request: HttpRequest, opened: Opened, torrent: Torrent, rows: Sequence[FileRow]
) -> SharedLevel:
    """Return the folders and files that `folder` and `start` ask for. Invalid values mean the beginning."""
    around = f"{opened.link.path}/" if opened.link.part == LastingLink.Part.FOLDER else ""  # not to be named
    entries = sorted(
        Entry(row.path.removeprefix(around), place, row.size, row.mime_type)
        for place, row in enumerate(rows, start=1)
    )
    start = request.GET.get("start", "")
    level = _level(
        entries,
        request.GET.get("folder", "")[:MAX_FOLDER],
        int(start) if start.isascii() and start.isdecimal() and len(start) < 9 else 0,
    )
    if not level.rows:
        level = _level(entries, "", 0)
    return _shared(level, opened, lambda place: file_of(opened, torrent, rows[place - 1]))


def _level(entries: Sequence[Entry], folder: str, start: int) -> TreeLevel:
    return level_of(entries, folder=folder, start=start, small=MAX_WHOLE, first_piece=MAX_WHOLE)


def _shared(level: TreeLevel, opened: Opened, file_at: Callable[[int], LinkFile]) -> SharedLevel:
    page = reverse("links:open", args=[opened.token])

    def shown(rows: Sequence[TreeRow]) -> list[SharedRow]:
        # What people came for comes first, unless the page has only a part of the rows.
        ordered = sorted(rows, key=_rank) if level.total <= MAX_WHOLE else rows
        return list(map(row, ordered))

    def row(found: TreeRow) -> SharedRow:
        if found.is_folder:
            rows = None if found.rows is None else shown(found.rows)
            return SharedRow(found.name, found.size, folder=_address(page, found.path), rows=rows)
        file = file_at(found.pk)
        play = reverse("links:play_file", args=[opened.token, file.ref]) if found.media else ""
        return SharedRow(found.name, found.size, file_path(opened.token, file), play)

    return SharedLevel(
        rows=shown(level.rows),
        is_open=level.total <= MAX_OPEN,
        following=level.following,
        next_piece=level.next_piece,
        next_url=_address(page, level.folder, level.next_start) if level.next_start else "",
        above=[(name, _address(page, path)) for name, path in level.above],
    )


def _rank(row: TreeRow) -> int:
    """Return the place of a row in its folder: media, folders, other files."""
    return 0 if row.media else 1 if row.is_folder else 2


def _address(page: str, folder: str, start: int = 0) -> str:
    asked: dict[str, str | int] = ({"folder": folder} if folder else {}) | ({"start": start} if start else {})
    return f"{page}?{urlencode(asked)}"
