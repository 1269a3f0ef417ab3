"""What is where below `/dav/`: torrents that are ready, by name, by tag, and the newest, each a folder with its files.

A torrent that a person sees on several accounts is there once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from django.db.models import Count, Max

from accounts.models import User
from links.target_paths import first_free
from torrents.models import Torrent, TorrentQuerySet, TorrentTag
from torrents.states import Status

from .layout import FileRow, layout
from .names import folder_name, hash_in, segment

BY_NAME, BY_TAG, NEWEST = "by-name", "by-tag", "newest"
NEWEST_SHOWN = 100
BATCH = 500
Path = tuple[str, ...]


class NoSuchPath(Exception):
    """Nothing is at this path, or nothing that this person sees."""


@dataclass(frozen=True)
class Entry:
    """A folder, or a file with its size in bytes, as a listing shows it. `path` is its parts below `/dav/`."""

    path: Path
    changed_at: datetime
    version: str
    size: int | None = None
    mime_type: str = ""

    @property
    def is_folder(self) -> bool:
        return self.size is None

    @property
    def name(self) -> str:
        return self.path[-1] if self.path else "TorBox Web"


class Row(NamedTuple):
    """What is read of a torrent."""

    pk: int
    name: str
    info_hash: str
    added_at: datetime
    files_digest: str


@dataclass(frozen=True)
class Folder:
    """A folder, whose children are read when they are asked for."""

    entry: Entry

    def children(self, person: User) -> Iterable[Entry]:
        """Return what is in it, for a person."""
        raise NotImplementedError


class Top(Folder):
    """The folder that programs are pointed at."""

    def children(self, person: User) -> Iterable[Entry]:
        return [Entry((name,), self.entry.changed_at, name) for name in (BY_NAME, BY_TAG, NEWEST)]


class Tags(Folder):
    """A folder for each tag that a ready torrent has."""

    def children(self, person: User) -> Iterable[Entry]:
        return [self._entry(name) for name in tag_names(person)]

    def _entry(self, name: str) -> Entry:
        return Entry((*self.entry.path, name), self.entry.changed_at, name)


@dataclass(frozen=True)
class Torrents(Folder):
    """A folder with torrents: all, those with `tag`, or the newest."""

    tag: str | None = None

    def children(self, person: User) -> Iterable[Entry]:
        rows = self._rows(person)
        if self.entry.path[:1] == (NEWEST,):
            found = rows_of(rows.order_by("-added_at", "-pk")[:NEWEST_SHOWN])
        else:
            found = rows_of(rows.order_by("pk"))
        firsts = first_keys(person, found, is_all=self.entry.path == (BY_NAME,))
        return (torrent_entry(self.entry.path, row, row.pk in firsts) for row in without_repeats(found))

    def _rows(self, person: User) -> TorrentQuerySet:
        rows = ready(person)
        if self.tag is None:
            return rows
        return rows.filter(pk__in=TorrentTag.objects.filter(name=self.tag).values("torrent"))


@dataclass(frozen=True)
class Inside(Folder):
    """A torrent's folder, or a folder in it: `inner` is its path within the torrent, "" for the torrent itself."""

    row: Row
    inner: str = ""

    def children(self, person: User) -> Iterator[Entry]:
        beginning = f"{self.inner}/" if self.inner else ""
        seen: set[str] = set()
        for path, file in layout(self.row.pk, self.row.files_digest).items():
            if not path.startswith(beginning):
                continue
            name, slash, _ = path[len(beginning) :].partition("/")
            if name in seen:
                continue
            seen.add(name)
            where = (*self.entry.path, name)
            yield _folder(where, self.row) if slash else file_entry(where, self.row, file)


@dataclass(frozen=True)
class File:
    """A file of a torrent."""

    entry: Entry
    torrent_pk: int
    row: FileRow


def find(person: User, path: Path) -> Folder | File:
    """Return what a path leads to for a person. Raises `NoSuchPath`."""
    top = _top(person, path[:2] if path[:1] == (BY_TAG,) else path[:1])
    match path:
        case ():
            return Top(top)
        case ("by-name",) | ("newest",):
            return Torrents(top)
        case ("by-name" | "newest", name, *rest):
            return _inside(person, path[:2], name, rest)
        case ("by-tag",):
            return Tags(top)
        case ("by-tag", tag):
            return Torrents(top, tag=_tag(person, tag))
        case ("by-tag", tag, name, *rest):
            return _inside(person, path[:3], name, rest, tag=_tag(person, tag))
    raise NoSuchPath


def _inside(
    person: User, path: Path, name: str, rest: Sequence[str], tag: str | None = None
) -> Folder | File:
    row = _torrent(person, name, tag)
    if not rest:
        return Inside(_folder(path, row), row)
    inner, files = "/".join(rest), layout(row.pk, row.files_digest)
    if file := files.get(inner):
        return File(file_entry((*path, *rest), row, file), row.pk, file)
    if any(known.startswith(f"{inner}/") for known in files):
        return Inside(_folder((*path, *rest), row), row, inner)
    raise NoSuchPath


def _torrent(person: User, name: str, tag: str | None) -> Row:
    """Return the torrent whose folder has this name. Raises `NoSuchPath`."""
    rows = ready(person)
    beginning = hash_in(name)
    same = rows.filter(info_hash__startswith=beginning) if beginning else rows.filter(name=name)
    if not beginning and not same.exists():
        same = rows.filter(info_hash=name)  # one without a name
    found = rows_of(same.order_by("pk")[:BATCH])
    firsts = first_keys(person, found)
    for row in without_repeats(found):
        if folder_name(row.name, row.info_hash, is_first=row.pk in firsts) == name:
            if tag is not None and not TorrentTag.objects.filter(torrent=row.pk, name=tag).exists():
                break
            return row
    raise NoSuchPath


def ready(person: User) -> TorrentQuerySet:
    """Return the torrents that a person can download."""
    return Torrent.objects.visible_to(person).filter(status=Status.READY, remote_id__isnull=False)


def rows_of(torrents: TorrentQuerySet) -> list[Row]:
    return list(map(Row._make, torrents.values_list(*Row._fields)))


def without_repeats(rows: Iterable[Row]) -> Iterator[Row]:
    """Leave out torrents that came before from another account."""
    seen: set[str] = set()
    for row in rows:
        if row.info_hash not in seen:
            seen.add(row.info_hash)
            yield row


def first_keys(person: User, rows: Sequence[Row], *, is_all: bool = False) -> set[int]:
    """Return the keys of those torrents that have their name before any other one, and its copies on other accounts.

    `is_all`: the rows are all that the person sees, in the order of their keys.
    """
    earliest: dict[str, str] = {}
    names = sorted({row.name for row in rows})
    known = [(row.name, row.info_hash) for row in rows] if is_all else _named(person, names)
    for name, info_hash in known:
        earliest.setdefault(name, info_hash)
    return {row.pk for row in rows if earliest.get(row.name) == row.info_hash}


def _named(person: User, names: Sequence[str]) -> Iterator[tuple[str, str]]:
    for start in range(0, len(names), BATCH):
        rows = ready(person).filter(name__in=names[start : start + BATCH]).order_by("pk")
        yield from rows.values_list("name", "info_hash")


def tag_names(person: User) -> dict[str, str]:
    """Return the tags that a person's ready torrents have, by their names in paths."""
    tags = TorrentTag.objects.filter(torrent__in=ready(person).order_by().values("pk"))
    names: dict[str, str] = {}
    for tag in sorted(set(tags.values_list("name", flat=True))):
        safe = segment(tag)
        numbered = first_free(
            lambda number, safe=safe: safe if number == 1 else f"{safe} ({number})",  # type: ignore[misc]
            lambda name: name not in names,
        )
        names[numbered] = tag
    return names


def _tag(person: User, name: str) -> str:
    """Return the tag that has this name in paths. Raises `NoSuchPath`."""
    try:
        return tag_names(person)[name]
    except KeyError:
        raise NoSuchPath from None


def torrent_entry(above: Path, row: Row, is_first: bool) -> Entry:
    return _folder((*above, folder_name(row.name, row.info_hash, is_first=is_first)), row)


def _folder(path: Path, row: Row) -> Entry:
    return Entry(path, row.added_at, f"{row.info_hash[:16]}-{row.files_digest[:8]}")


def file_entry(path: Path, row: Row, file: FileRow) -> Entry:
    version = f"{row.info_hash[:16]}-{file.remote_id}-{file.size}"
    return Entry(path, row.added_at, version, file.size, file.mime_type)


def _top(person: User, path: Path) -> Entry:
    """Return a folder of torrents. It changes when one is added, or is gone."""
    found = ready(person).aggregate(at=Max("added_at"), count=Count("pk"))
    at = found["at"] or person.date_joined
    return Entry(path, at, f"{int(at.timestamp())}-{found['count']}")
