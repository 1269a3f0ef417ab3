"""Put a backup into a database, whatever kind of database it was made from."""

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

from ..starting import alone, bring_up_to_date
from . import schema
from .settling import settle
from .tables import FORMAT, KEYS, MANIFEST, Migrations, Refused, member, unknown_migrations

DAMAGED = "This is no whole backup: {}. Use another one."
ROWS_AT_ONCE, BYTES_AT_ONCE = 500, 4 * 1024 * 1024
Model = type[models.Model]


@dataclass(frozen=True)
class Restored:
    """Rows by the model's label, when the backup was made, and the encryption keys it holds, if any."""

    rows: dict[str, int]
    made_at: str
    keys: list[str]


@dataclass(frozen=True)
class Manifest:
    migrations: Migrations
    rows: dict[str, int]
    made_at: str


def restore(file: IO[bytes], *, replace: bool = False) -> Restored:
    """All rows of a backup, or none. Raises `Refused`, having changed nothing.

    `replace`: what is there goes first. A backup of an older version is loaded into the tables it fits, which
    are then brought up to date; then only an error in between leaves an instance without its data.
    """
    try:
        with ZipFile(file) as archive, alone():
            manifest = _manifest(archive)
            _check(manifest, replace=replace)
            _load(archive, manifest, replace=replace)
            keys = archive.read(KEYS).decode().split() if KEYS in archive.namelist() else []
    except (BadZipFile, zlib.error, EOFError, KeyError, ValueError, TypeError) as error:
        raise Refused(DAMAGED.format(error)) from error
    return Restored(manifest.rows, manifest.made_at, keys)


def _manifest(archive: ZipFile) -> Manifest:
    facts = json.loads(archive.read(MANIFEST))
    if facts["format"] != FORMAT:
        raise Refused(f"The backup has format {facts['format']}; this version reads format {FORMAT}.")
    return Manifest(facts["migrations"], facts["rows"], facts["made_at"])


def _check(manifest: Manifest, *, replace: bool) -> None:
    if unknown := unknown_migrations(manifest.migrations):
        names = ", ".join(unknown[:3])
        raise Refused(f"The backup was made by a newer version ({names}). Install that version first.")
    if not replace and not schema.is_empty():
        raise Refused(
            "There are people or torrents in this database already. Restore into an empty one, "
            "or say --replace to throw away what is here."
        )


def _load(archive: ZipFile, manifest: Manifest, *, replace: bool) -> None:
    with ExitStack() as older:
        if not schema.fits(manifest.migrations):
            if replace:
                schema.clear()
            older.callback(bring_up_to_date)
            apps = schema.take_back_to(manifest.migrations)
        else:
            apps = present_apps
        with transaction.atomic():
            schema.clear()
            found = {label: _load_rows(archive, apps.get_model(label)) for label in manifest.rows}
            if found != manifest.rows:
                raise Refused(DAMAGED.format("rows are missing"))
            _finish([apps.get_model(label) for label in manifest.rows])
            settle(apps)


def _finish(loaded: list[Model]) -> None:
    """Numbers of new rows go on after those that were loaded; a row that leads nowhere undoes everything."""
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), loaded):
            cursor.execute(statement)
    try:
        connection.check_constraints()
    except DatabaseError as error:
        raise Refused(DAMAGED.format(error)) from error


def _load_rows(archive: ZipFile, model: Model) -> int:
    fields = {field.name: field for field in model._meta.concrete_fields if not field.primary_key}
    count = 0
    with archive.open(member(model)) as stream, _times_as_written(model):
        for lines in _handfuls(io.TextIOWrapper(stream, "utf-8", newline="\n")):
            model._base_manager.bulk_create([_row(model, fields, json.loads(line)) for line in lines])
            count += len(lines)
    return count


def _handfuls(lines: Iterator[str]) -> Iterator[list[str]]:
    """So many at a time that neither their number nor their size fills the memory."""
    handful: list[str] = []
    size = 0
    for line in lines:
        handful.append(line)
        size += len(line)
        if len(handful) == ROWS_AT_ONCE or size > BYTES_AT_ONCE:
            yield handful
            handful, size = [], 0
    if handful:
        yield handful


def _row(model: Model, fields: dict[str, Any], written: dict[str, Any]) -> models.Model:
    values = {
        fields[name].attname: fields[name].to_python(_fitting(fields[name], value))
        for name, value in written["fields"].items()
    }
    return model(pk=written["pk"], **values)


def _fitting(field: Any, value: Any) -> Any:
    """SQLite keeps what PostgreSQL refuses: NUL characters, and more text than the column is for."""
    if connection.vendor == "postgresql" and isinstance(value, str):
        return value.replace("\0", "")[: getattr(field, "max_length", None)]
    return value


@contextmanager
def _times_as_written(model: Model) -> Iterator[None]:
    """Columns that are filled with the present moment when a row is made keep the moment it was made first."""
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
