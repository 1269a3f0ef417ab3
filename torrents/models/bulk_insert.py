"""Insert many new rows at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import connection, models

from .torrents import Torrent

PIECE = 500
PLAIN = {str, int, float, bool, type(None)}


def insert(rows: Sequence[models.Model]) -> None:
    """Insert rows like bulk_create, but faster: all at once and column by column. Keys aren't set."""
    if rows:
        _insert_columns(type(rows[0]), lambda field: [field.pre_save(row, True) for row in rows])


def insert_facts(model: type[models.Model], rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows given as mappings. All have the same attributes; the others get their defaults."""

    def column(field: models.Field[Any, Any]) -> list[Any]:
        if field.attname in rows[0]:
            return [row[field.attname] for row in rows]
        return [field.get_default()] * len(rows)

    if rows:
        _insert_columns(model, column)


def _insert_columns(model: type[models.Model], column: Callable[[models.Field[Any, Any]], list[Any]]) -> None:
    meta = model._meta
    fields = [field for field in meta.local_concrete_fields if not (field.primary_key or field.generated)]
    columns = [_prepared(field, column(field)) for field in fields]
    insert_values(meta.db_table, [str(field.column) for field in fields], list(zip(*columns, strict=True)))


def insert_values(table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Insert values that are already as the database takes them."""
    quote = connection.ops.quote_name
    into, marks = f"{quote(table)} ({', '.join(map(quote, columns))})", ", ".join(["%s"] * len(columns))
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":  # takes a third of the time of INSERT
            with connection.wrap_database_errors, cursor.copy(f"COPY {into} FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
        else:
            cursor.executemany(f"INSERT INTO {into} VALUES ({marks})", rows)  # noqa: S608 - our own names


def insert_torrents(rows: Sequence[Torrent]) -> None:
    """Insert new rows of one account, and set their keys."""
    insert(rows)
    by_hash = {row.info_hash: row for row in rows}
    hashes = list(by_hash)
    for start in range(0, len(hashes), PIECE):
        made = Torrent.objects.filter(
            account_id=rows[0].account_id, info_hash__in=hashes[start : start + PIECE]
        )
        for pk, info_hash in made.values_list("pk", "info_hash"):
            by_hash[info_hash].pk, by_hash[info_hash]._state.adding = pk, False


def _prepared(field: models.Field[Any, Any], values: list[Any]) -> list[Any]:
    """Return the values of a column as the database takes them. Most are already, and times often repeat."""
    if {type(value) for value in values} <= PLAIN:
        return values
    moments = {value for value in values if isinstance(value, datetime)}
    prepared = {moment: field.get_db_prep_save(moment, connection) for moment in moments}
    return [
        prepared[value] if isinstance(value, datetime) else field.get_db_prep_save(value, connection)
        for value in values
    ]
