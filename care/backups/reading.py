"""Restore a backup into a database of any kind, whatever kind it was made from."""

from __future__ import annotations

import io
import json
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import IO, Any
from zipfile import BadZipFile, ZipFile

from django.apps import apps as present_apps
from django.core.management.color import no_style
from django.db import DatabaseError, connection, models, transaction

from ..startup_lock import alone, bring_up_to_date
from . import schema
from .after_restore import settle
from .contents import FORMAT, KEYS, MANIFEST, BackupRefused, Migrations, member, unknown_migrations

DAMAGED = "This backup is incomplete or damaged: {}. Use another one."
ROW_BATCH_SIZE, CHUNK_BYTES = 500, 4 * 1024 * 1024
Model = type[models.Model]


@dataclass(frozen=True)
class Restored:
    """What was restored: the number of rows by model label, and the encryption keys in the backup, if any."""

    rows: dict[str, int]
    made_at: str
    keys: list[str]


@dataclass(frozen=True)
class Manifest:
    """What a backup says about itself."""

    migrations: Migrations
    rows: dict[str, int]
    made_at: str


def restore(file: IO[bytes], *, replace: bool = False) -> Restored:
    """Restore all rows of a backup, or none. Raises `BackupRefused` without having changed anything.

    `replace` discards existing rows first. A backup of an older version is loaded into tables of that version, which
    are then migrated. Only in that case does an error halfway leave the instance without its data.
    """
    try:
        with ZipFile(file) as archive, alone():
            manifest = _manifest(archive)
            _check(manifest, replace=replace)
            _load(archive, manifest, replace=replace)
            keys = archive.read(KEYS).decode().split() if KEYS in archive.namelist() else []
    except (BadZipFile, zlib.error, EOFError, KeyError, ValueError, TypeError) as error:
        raise BackupRefused(DAMAGED.format(error)) from error
    return Restored(manifest.rows, manifest.made_at, keys)


def _manifest(archive: ZipFile) -> Manifest:
    facts = json.loads(archive.read(MANIFEST))
    if facts["format"] != FORMAT:
        raise BackupRefused(
            f"The backup has format {facts['format']}, but this version reads format {FORMAT}."
        )
    return Manifest(facts["migrations"], facts["rows"], facts["made_at"])


def _check(manifest: Manifest, *, replace: bool) -> None:
    if unknown := unknown_migrations(manifest.migrations):
        names = ", ".join(unknown[:3])
        raise BackupRefused(f"A newer version made this backup ({names}). Install that version first.")
    if not replace and not schema.is_empty():
        raise BackupRefused(
            "This database already has people or torrents. Restore into an empty one, "
            "or use --replace to discard everything in this one."
        )


def _load(archive: ZipFile, manifest: Manifest, *, replace: bool) -> None:
    with ExitStack() as older:
        if not schema.fits(manifest.migrations):
            if replace:
                schema.clear()
            older.callback(bring_up_to_date)
            apps = schema.migrate_back_to(manifest.migrations)
        else:
            apps = present_apps
        with transaction.atomic():
            schema.clear()
            found = {label: _load_rows(archive, apps.get_model(label)) for label in manifest.rows}
            if found != manifest.rows:
                raise BackupRefused(DAMAGED.format("rows are missing"))
            _finish([apps.get_model(label) for label in manifest.rows])
            settle(apps)


def _finish(loaded: list[Model]) -> None:
    """Continue ids after the loaded rows, and refuse the backup if a row refers to one that is missing."""
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), loaded):
            cursor.execute(statement)
    try:
        connection.check_constraints()
    except DatabaseError as error:
        raise BackupRefused(DAMAGED.format(error)) from error


def _load_rows(archive: ZipFile, model: Model) -> int:
    fields = {field.name: field for field in model._meta.concrete_fields if not field.primary_key}
    count = 0
    with archive.open(member(model)) as stream, _times_as_written(model):
        for lines in _batches(io.TextIOWrapper(stream, "utf-8", newline="\n")):
            model._base_manager.bulk_create([_row(model, fields, json.loads(line)) for line in lines])
            count += len(lines)
    return count


def _batches(lines: Iterator[str]) -> Iterator[list[str]]:
    """Yield lines in batches that are limited in number and in size, to limit memory."""
    batch: list[str] = []
    size = 0
    for line in lines:
        batch.append(line)
        size += len(line)
        if len(batch) == ROW_BATCH_SIZE or size > CHUNK_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _row(model: Model, fields: dict[str, Any], written: dict[str, Any]) -> models.Model:
    values = {
        fields[name].attname: fields[name].to_python(_fitting(fields[name], value))
        for name, value in written["fields"].items()
    }
    return model(pk=written["pk"], **values)


def _fitting(field: Any, value: Any) -> Any:
    """Return a value that PostgreSQL accepts: SQLite also stores NUL characters and text longer than the column allows."""
    if connection.vendor == "postgresql" and isinstance(value, str):
        return value.replace("\0", "")[: getattr(field, "max_length", None)]
    return value


@contextmanager
def _times_as_written(model: Model) -> Iterator[None]:
    """Keep the stored value of columns that are otherwise set to the current time when a row is created."""
    filled: list[Any] = [
        field for field in model._meta.concrete_fields if getattr(field, "auto_now_add", False)
    ]
    for field in filled:
        field.auto_now_add = False
    try:
        yield
    finally:
        for field in filled:
            field.auto_now_add = True
