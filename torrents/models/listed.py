"""The columns that TorBox's list fills, each declared once.

Code that copies, compares, empties, or bounds them uses this declaration. A new column is one line here and a
migration: it changes `VERSION`, so the next list fills the column on existing rows. Those of files are in `files`.
"""

from __future__ import annotations

import hashlib
from typing import Any

from django.db import models

import torbox

from . import files

MAX_TEXTS = 50  # of a list of texts


class Listed(models.Model):
    """What TorBox says about a torrent. Columns are named like the fields of `torbox.Torrent`, except for `SOURCES`.

    `max_length` limits a text, and each text of a list.
    """

    size = models.BigIntegerField(default=0)
    raw_state = models.CharField(max_length=120, blank=True)
    progress = models.FloatField(default=0)
    download_speed = models.BigIntegerField(default=0)
    upload_speed = models.BigIntegerField(default=0)
    eta = models.BigIntegerField(null=True)
    seeds = models.IntegerField(default=0)
    peers = models.IntegerField(default=0)
    ratio = models.FloatField(default=0)
    availability = models.FloatField(default=0)
    active = models.BooleanField(default=False)
    cached = models.BooleanField(default=False)
    private = models.BooleanField(default=False)
    seed_torrent = models.BooleanField(default=False)
    tracker = models.CharField(max_length=500, blank=True)
    tracker_message = models.CharField(max_length=500, blank=True)
    tags = models.JSONField(default=list, max_length=100)
    alternative_hashes = models.JSONField(default=list, max_length=100)
    airlocked = models.BooleanField(default=False)
    total_downloaded = models.BigIntegerField(default=0)
    total_uploaded = models.BigIntegerField(default=0)
    cached_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)

    class Meta:
        abstract = True

    def copy_from(self, item: torbox.Torrent) -> None:
        """Copy what TorBox says, with texts cut to their maximum length."""
        for field, source in COLUMNS:
            setattr(self, field.attname, _bounded(field, getattr(item, source)))

    def empty(self) -> None:
        """Reset the columns, as if no list had shown the torrent."""
        for field, _ in COLUMNS:
            setattr(self, field.attname, field.get_default())


SOURCES = {"raw_state": "state"}
COLUMNS = tuple((field, SOURCES.get(field.attname, field.attname)) for field in Listed._meta.local_fields)


def listed_values(item: torbox.Torrent) -> list[Any]:
    """Return the value of each column from TorBox's list."""
    return [getattr(item, source) for _, source in COLUMNS]


def _bounded(field: models.Field[Any, Any], value: Any) -> Any:
    if field.max_length is None:
        return value
    if isinstance(value, tuple):
        return [text[: field.max_length] for text in value[:MAX_TEXTS]]
    return value[: field.max_length]


def _version() -> str:
    """Return 8 hex digits that change with the columns and their limits, those of files too."""
    declared = [(field.attname, field.get_internal_type(), field.max_length) for field, _ in COLUMNS]
    return hashlib.blake2b(repr((declared, MAX_TEXTS, files.VERSION)).encode(), digest_size=4).hexdigest()


VERSION = _version()
