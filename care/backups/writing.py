"""Write a backup while everything goes on."""

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

from torrents.services import heartbeats

from .tables import (
    FORMAT,
    KEYS,
    MANIFEST,
    Refused,
    applied_migrations,
    has_all_migrations,
    kept_models,
    member,
    written_fields,
)

ROWS_AT_ONCE, LARGE_ROWS_AT_ONCE = 1000, 20


@dataclass(frozen=True)
class Written:
    """Rows by the model's label."""

    rows: dict[str, int]


class ExactEncoder(DjangoJSONEncoder):
    """Times keep their microseconds."""

    def default(self, o: Any) -> Any:
        return o.isoformat() if isinstance(o, datetime) else super().default(o)


def write_backup(file: IO[bytes], *, with_keys: bool = False) -> Written:
    """All rows as they are at one moment. `file` need not be seekable. Raises `Refused`."""
    if not has_all_migrations():
        raise Refused("The database is not as this version has it. Run manage.py prepare first.")
    with ZipFile(file, "w", ZIP_DEFLATED) as archive:
        with one_moment():
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
def one_moment() -> Iterator[None]:
    """What is read in here does not change, and nobody who writes waits for it.

    SQLite in WAL mode gives a transaction that only reads the state at its first read; Django would begin
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
    """How many there are."""
    fields = written_fields(model)
    large = any(isinstance(field, models.BinaryField) for field in fields)
    rows = _Counted(model, LARGE_ROWS_AT_ONCE if large else ROWS_AT_ONCE)
    with (
        archive.open(member(model), "w", force_zip64=True) as stream,
        io.TextIOWrapper(stream, "utf-8", newline="\n") as text,
    ):
        names = [field.name for field in fields]
        serializers.serialize("jsonl", rows, stream=text, fields=names, cls=ExactEncoder)
    return rows.count


class _Counted:
    """The rows of a table, some at a time, and how many there were."""

    def __init__(self, model: type[models.Model], at_once: int) -> None:
        self.model, self.at_once, self.count = model, at_once, 0

    def __iter__(self) -> Iterator[models.Model]:
        for row in self.model._base_manager.order_by("pk").iterator(self.at_once):
            self.count += 1
            yield row
