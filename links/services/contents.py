"""What a lasting link leads to: files of one torrent, or media of many."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, islice
from typing import NamedTuple

from django.db.models import QuerySet

from torbox.sanitize import is_blank
from torrents.folding import path_key
from torrents.media import media_kind
from torrents.models import Torrent, TorrentFile, TorrentQuerySet
from torrents.selection import Selection, query_of
from torrents.states import ENDED, Status

from ..endings import NoSuchItem, NotNow
from ..models import LastingLink
from ..subtitle_names import beside
from ..tokens import item_key, path_of
from .opening import Opened

MAX_MEDIA = 2_000  # entries of a playlist or feed
BATCH = 100  # torrents whose files are read at once
NO_FILES_YET = 60.0  # seconds until TorBox may have listed the files of a torrent that was added again


@dataclass(frozen=True)
class LinkFile:
    """A file behind a link. `ref` names it in addresses, `remote_id` is TorBox's id, and `size` is in bytes.

    Without a path, it is the zip of all files, whose size is unknown (None).
    """

    torrent: Torrent
    ref: str
    path: str = ""
    remote_id: int | None = None
    size: int | None = None
    mime_type: str = ""

    @property
    def is_zip(self) -> bool:
        return not self.path

    @property
    def name(self) -> str:
        """Return the name to save it under. A torrent without one shows its info hash elsewhere, but not here."""
        return (
            self.path.rsplit("/", 1)[-1]
            or f"{'files' if is_blank(self.torrent.name) else self.torrent.name}.zip"
        )

    @property
    def media(self) -> str:
        """Return "video", "audio", or ""."""
        return media_kind(self.name, self.mime_type) if self.path else ""


class FileRow(NamedTuple):
    """What is read of a file. Rows of 20,000 files are read much faster than objects."""

    torrent_id: int
    path: str
    remote_id: int
    size: int
    mime_type: str


def files_of(opened: Opened) -> list[LinkFile]:
    """Return the files of a link to a torrent, in the order of a file tree. Empty for lists of media."""
    if not (torrent := opened.link.torrent):
        return []
    return [file_of(opened, torrent, row) for row in _in_order(_rows_of(opened.link, torrent))]


def rows_of(opened: Opened) -> list[FileRow]:
    """Return the same files in no order, for who shows only some of them: `file_of` makes those."""
    torrent = opened.link.torrent
    return list(_rows_of(opened.link, torrent)) if torrent else []


def file_of(opened: Opened, torrent: Torrent, row: FileRow) -> LinkFile:
    """Return a file behind a link from what was read of it."""
    key = item_key(opened.token, torrent.pk, row.path)
    ref = f"{torrent.pk}.{key}" if opened.link.is_list else key
    return LinkFile(torrent, ref, row.path, row.remote_id, row.size, row.mime_type)


def find_file(opened: Opened, ref: str) -> LinkFile:
    """Return the file that `ref` names. Raises `NoSuchItem`, also for a torrent that the maker no longer sees.

    Raises `NotNow` while a torrent that was added again has no files yet.
    """
    number, dot, key = ref.rpartition(".")
    link = opened.link
    if bool(dot) != link.is_list:
        raise NoSuchItem
    torrent = link.torrent or _listed_torrent(link, int(number))
    zips = [""] if _has_zip(link) else []
    path = path_of(opened.token, torrent.pk, key, chain(zips, _paths_of(link, torrent)))
    if path == "":
        return zip_of(opened)
    row = next(_rows(torrent.files.filter(path=path)), None) if path else None
    if row is None:
        raise _missing(torrent)
    return file_of(opened, torrent, row)


def main_item(opened: Opened) -> LinkFile:
    """Return what `/l/<token>/<name>` leads to: the only file, or the zip of the whole torrent.

    Raises `NoSuchItem` for a folder with several files, which TorBox makes no zip of, for lists of media, and for
    exports of several files, none of which leads to another. Raises `NotNow` as `find_file` does.
    """
    link = opened.link
    if not (torrent := link.torrent):
        raise NoSuchItem
    first = list(islice(_rows_of(link, torrent), 2))
    if len({row.path for row in first}) == 1:
        return file_of(opened, torrent, first[0])
    if _has_zip(link) and link.kind != link.Kind.EXPORT:
        return zip_of(opened)
    raise NoSuchItem if first else _missing(torrent)


def zip_of(opened: Opened) -> LinkFile:
    """Return the zip of all files of a link's torrent. Raises `NoSuchItem` for a list of media."""
    if not (torrent := opened.link.torrent):
        raise NoSuchItem
    return LinkFile(torrent, item_key(opened.token, torrent.pk, ""))


def linked(opened: Opened, file: TorrentFile) -> LinkFile:
    """Return a file of the link's torrent, which the caller has read, as a file behind the link."""
    row = FileRow(file.torrent_id, file.path, file.remote_id, file.size, file.mime_type)
    return file_of(opened, opened.link.torrent or file.torrent, row)


def media_of(opened: Opened, most: int = MAX_MEDIA) -> list[LinkFile]:
    """Return the video and audio files of a link: those of its torrent in order, or of a list the newest first.

    A list has those of ready torrents that its maker sees now.
    """
    if opened.link.torrent:
        return [file for file in files_of(opened) if file.media][:most]
    return list(islice(_listed_media(opened), most))


def media_near(opened: Opened, file: LinkFile) -> list[LinkFile]:
    """Return the subtitle files behind the link that belong to a video, in the order of their names.

    `subtitle_names.labels` has the words for them.
    """
    if file.media != "video":
        return []
    rows = {row.path: row for row in rows_of(opened)}
    return [file_of(opened, file.torrent, rows[path]) for path in beside(file.path, rows)]


def _rows(files: QuerySet[TorrentFile]) -> Iterator[FileRow]:
    """Read files by id. A path without text can't be asked for."""
    named = files.exclude(path="").order_by("remote_id")
    return map(FileRow._make, named.values_list(*FileRow._fields).iterator(5000))


def _rows_of(link: LastingLink, torrent: Torrent) -> Iterator[FileRow]:
    """Read the files of the part of a torrent that a link leads to."""
    return (row for row in _rows(_part_of(link, torrent)) if _is_in(link, row.path))


def _paths_of(link: LastingLink, torrent: Torrent) -> Iterator[str]:
    """Read only the paths of these files."""
    paths = _part_of(link, torrent).order_by().values_list("path", flat=True)
    return (path for path in paths if path and _is_in(link, path))


def _part_of(link: LastingLink, torrent: Torrent) -> QuerySet[TorrentFile]:
    if link.part == link.Part.FILE:
        return torrent.files.filter(path=link.path)
    if link.part == link.Part.FOLDER:
        return torrent.files.filter(path__startswith=f"{link.path}/")
    return torrent.files.all()


def _is_in(link: LastingLink, path: str) -> bool:
    """Return whether a path is in the part that a link leads to. For SQLite, "A/" begins "a/b", too."""
    return link.part != link.Part.FOLDER or path.startswith(f"{link.path}/")


def _in_order(rows: Iterable[FileRow]) -> list[FileRow]:
    return sorted(rows, key=lambda row: (path_key(row.path), row.path))


def _has_zip(link: LastingLink) -> bool:
    return link.torrent_id is not None and link.part == link.Part.ALL


def _missing(torrent: Torrent) -> Exception:
    """Return why a link has no such file: TorBox may list it later, or there is none."""
    may_come = torrent.status not in {Status.READY, *ENDED}
    return NotNow(NO_FILES_YET) if may_come and not torrent.files.exists() else NoSuchItem()


def _matching(link: LastingLink, **changes: str) -> TorrentQuerySet:
    """Return what a list selects for its maker now: nothing if it is about an account that they no longer see."""
    query = query_of(link.query)
    for name, value in changes.items():
        query[name] = value
    selection = Selection(link.maker, query)
    return selection.matching.none() if selection.unseen_account else selection.matching


def _listed_torrent(link: LastingLink, pk: int) -> Torrent:
    """Return a torrent of a list, whatever its status: it may have been ready when the list was read.

    The tab doesn't matter either, because a download takes torrents out of *Expiring*.
    """
    matching = _matching(link, tab="all").filter(pk=pk)
    torrent = matching.select_related("account").defer("magnet").order_by().first()
    if torrent is None:
        raise NoSuchItem
    return torrent


def _listed_media(opened: Opened) -> Iterator[LinkFile]:
    """Yield the media of a list, by torrent, the newest first."""
    ready = _matching(opened.link).filter(status=Status.READY, remote_id__isnull=False)
    keys = list(ready.order_by("-added_at", "-pk").values_list("pk", flat=True))
    for start in range(0, len(keys), BATCH):
        batch = keys[start : start + BATCH]
        torrents = Torrent.objects.defer("magnet").in_bulk(batch)
        found: dict[int, list[FileRow]] = {pk: [] for pk in torrents}
        for row in _rows(TorrentFile.objects.filter(torrent__in=list(torrents))):
            if media_kind(row.path, row.mime_type):
                found[row.torrent_id].append(row)
        for pk in batch:
            if pk in torrents:
                yield from (file_of(opened, torrents[pk], row) for row in _in_order(found[pk]))
