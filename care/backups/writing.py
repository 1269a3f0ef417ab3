"""Write a backup while the app is running."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import IO, Any
from zipfile import ZIP_DEFLATED, ZipFile

from django.conf import settings
from django.core import serializers
from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, models
from django.utils import timezone

from torrents.services.upkeep import heartbeats

from .contents import (
    FORMAT,
    KEYS,
    MANIFEST,
    BackupRefused,
    applied_migrations,
    has_all_migrations,
    kept_models,
    member,
    written_fields,
)

ROW_BATCH_SIZE, LARGE_ROW_BATCH_SIZE = 1000, 20


@dataclass(frozen=True)
class Written:
    """What was written: the number of rows by model label."""

    rows: dict[str, int]


class ExactEncoder(DjangoJSONEncoder):
    """Encode times with their microseconds, which Django's encoder drops."""

    def default(self, o: Any) -> Any:
        return o.isoformat() if isinstance(o, datetime) else super().default(o)


def write_backup(file: IO[bytes], *, with_keys: bool = False) -> Written:
    """Write all rows, consistently. `file` needn't be seekable. Raises `BackupRefused`."""
    if not has_all_migrations():
        raise BackupRefused("The database isn't up to date. Run manage.py prepare first.")
    with ZipFile(file, "w", ZIP_DEFLATED) as archive:
        with snapshot():
            rows = {model._meta.label: _write_rows(archive, model) for model in kept_models()}
            migrations = applied_migrations()
        if with_keys:
            archive.writestr(KEYS, "\n".join(settings.ENCRYPTION_KEYS) + "\n")
        manifest = {
            "format": FORMAT,
            "made_at": timezone.now().isoformat(),
            "database": connection.vendor,
            "migrations": migrations,
            "rows": rows,
        }
        archive.writestr(MANIFEST, json.dumps(manifest, indent=1))
    heartbeats.backup_was_made()
    return Written(rows)


@contextmanager
def snapshot() -> Iterator[None]:
    """Read from one snapshot of the database, without blocking writers.

    SQLite in WAL mode gives a read-only transaction the state at its first read, but Django would begin
    one that writes. PostgreSQL calls it repeatable read.
    """
    sqlite = connection.vendor == "sqlite"
    _execute("BEGIN DEFERRED" if sqlite else "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
    try:
        yield
    finally:
        _execute("ROLLBACK")


def _execute(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def _write_rows(archive: ZipFile, model: type[models.Model]) -> int:
    """Write the rows of one table and return their number."""
    fields = written_fields(model)
    large = any(isinstance(field, models.BinaryField) for field in fields)
    rows = _Counted(model, LARGE_ROW_BATCH_SIZE if large else ROW_BATCH_SIZE)
    with (
        archive.open(member(model), "w", force_zip64=True) as stream,
        io.TextIOWrapper(stream, "utf-8", newline="\n") as text,
    ):
        names = [field.name for field in fields]
        serializers.serialize("jsonl", rows, stream=text, fields=names, cls=ExactEncoder)
    return rows.count


class _Counted:
    """An iterable of the rows of a table, read in batches, that counts them."""

    def __init__(self, model: type[models.Model], at_once: int) -> None:
        self.model, self.at_once, self.count = model, at_once, 0

    def __iter__(self) -> Iterator[models.Model]:
        for row in self.model._base_manager.order_by("pk").iterator(self.at_once):
            self.count += 1
            yield row
