"""The files of torrents. Each column that TorBox's list fills is declared once, as in `listed`."""

from __future__ import annotations

import hashlib
from operator import attrgetter
from typing import Any

from django.db import models

import torbox

MAX_PATH = 4000  # characters


class TorrentFile(models.Model):
    """A file of a torrent. `remote_id` is TorBox's id: opaque, in no order, and 0 is a valid one.

    Columns but the key and the torrent are named like the fields of `torbox.File`, except for `SOURCES`. `md5` is in
    lowercase hex, "" if TorBox doesn't say it.
    """

    torrent = models.ForeignKey("torrents.Torrent", models.CASCADE, related_name="files", db_index=False)
    remote_id = models.BigIntegerField()
    path = models.TextField()
    size = models.BigIntegerField(default=0)
    mime_type = models.CharField(max_length=120, blank=True)
    md5 = models.CharField(max_length=32, blank=True)

    class Meta:
        ordering = ["path", "pk"]
        constraints = [models.UniqueConstraint(fields=["torrent", "remote_id"], name="one_row_per_file")]

    def __str__(self) -> str:
        return self.path

    @property
    def name(self) -> str:
        return self.path.rsplit("/", 1)[-1]

    @property
    def playable(self) -> bool:
        return self.mime_type.startswith(("video/", "audio/"))


SOURCES = {"remote_id": "id"}
FIELDS = [
    field for field in TorrentFile._meta.local_concrete_fields if field.attname not in ("id", "torrent_id")
]
LIMITS = [MAX_PATH if field.attname == "path" else field.max_length for field in FIELDS]
COLUMNS = ("torrent_id", *(field.attname for field in FIELDS))
_read = attrgetter(*(SOURCES.get(field.attname, field.attname) for field in FIELDS))


def listed_file(file: torbox.File) -> tuple[Any, ...]:
    """Return the value of each of `FIELDS` from TorBox's list."""
    return _read(file)


def row_of(torrent: int, file: torbox.File) -> tuple[Any, ...]:
    """Return the values of COLUMNS, with texts cut to their maximum length."""
    values = zip(_read(file), LIMITS, strict=True)
    return (torrent, *(value[:limit] if limit else value for value, limit in values))


def _version() -> str:
    """Return 8 hex digits that change with the columns and their limits."""
    declared = [(field.attname, field.get_internal_type()) for field in FIELDS]
    return hashlib.blake2b(repr((declared, LIMITS)).encode(), digest_size=4).hexdigest()


VERSION = _version()
