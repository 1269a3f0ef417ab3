"""Replace the stored files of torrents whose list of files has changed."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from operator import itemgetter

import torbox
from torrents.folding import fold
from torrents.models import FileNames, Torrent, TorrentFile
from torrents.models.bulk_insert import insert_values
from torrents.models.files import COLUMNS, row_of

from .change_detection import kept_files

BATCH = 500
PATH = COLUMNS.index("path")


def replace_files(torrents: Sequence[tuple[Torrent, torbox.Torrent]]) -> None:
    """Write the files of each row as TorBox lists them, and their names for the search."""
    for start in range(0, len(torrents), BATCH):
        _replace(torrents[start : start + BATCH])


def _replace(torrents: Sequence[tuple[Torrent, torbox.Torrent]]) -> None:
    for model in (TorrentFile, FileNames):
        model.objects.filter(torrent__in=[row.pk for row, _ in torrents]).delete()
    # A large account has some 100,000 files. Making model instances of them took most of a first reading.
    values = [row_of(row.pk, file) for row, item in torrents for file in kept_files(item)]
    insert_values(TorrentFile._meta.db_table, COLUMNS, values)
    names = groupby(values, key=itemgetter(0))
    texts = [(pk, fold("\n".join(file[PATH] for file in files))) for pk, files in names]
    insert_values(FileNames._meta.db_table, ("torrent_id", "text"), texts)
