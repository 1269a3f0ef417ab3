"""Replace the stored files of torrents whose list of files has changed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from operator import itemgetter

import torbox
from torrents.folding import fold
from torrents.models import FileNames, Torrent, TorrentFile
from torrents.models.bulk_insert import insert_values

from .change_detection import kept_files

COLUMNS = ("torrent_id", "remote_id", "path", "size", "mime_type")
BATCH = 500
MAX_PATH = 4000  # characters
MAX_MIME_TYPE = TorrentFile._meta.get_field("mime_type").max_length


def replace_files(torrents: Sequence[tuple[Torrent, torbox.Torrent]]) -> None:
    """Write the files of each row as TorBox lists them, and their names for the search."""
    for start in range(0, len(torrents), BATCH):
        _replace(torrents[start : start + BATCH])


def _replace(torrents: Sequence[tuple[Torrent, torbox.Torrent]]) -> None:
    for model in (TorrentFile, FileNames):
        model.objects.filter(torrent__in=[row.pk for row, _ in torrents]).delete()
    # A large account has some 100,000 files. Making model instances of them took most of a first reading.
    values = [file for row, item in torrents for file in _values(row, item)]
    insert_values(TorrentFile._meta.db_table, COLUMNS, values)
    names = groupby(values, key=itemgetter(0))
    texts = [(pk, fold("\n".join(path for _, _, path, *_ in files))) for pk, files in names]
    insert_values(FileNames._meta.db_table, ("torrent_id", "text"), texts)


def _values(row: Torrent, item: torbox.Torrent) -> Iterator[tuple[int, int, str, int, str]]:
    """Yield the files of a row as values of COLUMNS."""
    for file in kept_files(item):
        yield row.pk, file.id, file.path[:MAX_PATH], file.size, file.mime_type[:MAX_MIME_TYPE]
