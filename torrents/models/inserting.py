"""Writing many new rows at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connection, models

from .torrents import Torrent

PIECE = 500


def insert(rows: Sequence[models.Model]) -> None:
    """As bulk_create, but with one statement for all, which takes about a quarter off a large paste. Keys are not set."""
    if not rows:
        return
    meta = rows[0]._meta
    fields = [field for field in meta.local_concrete_fields if not (field.primary_key or field.generated)]
    insert_values(
        meta.db_table, [str(field.column) for field in fields], [_values(row, fields) for row in rows]
    )


def insert_values(table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """As `insert`, for values that are as the database wants them."""
    quote = connection.ops.quote_name
    names, marks = ", ".join(map(quote, columns)), ", ".join(["%s"] * len(columns))
    with connection.cursor() as cursor:
        cursor.executemany(f"INSERT INTO {quote(table)} ({names}) VALUES ({marks})", rows)  # noqa: S608 - our own names


def insert_torrents(rows: Sequence[Torrent]) -> None:
    """New rows of one account; each gets its key."""
    insert(rows)
    by_hash = {row.info_hash: row for row in rows}
    hashes = list(by_hash)
    for start in range(0, len(hashes), PIECE):
        made = Torrent.objects.filter(
            account_id=rows[0].account_id, info_hash__in=hashes[start : start + PIECE]
        )
        for pk, info_hash in made.values_list("pk", "info_hash"):
            by_hash[info_hash].pk, by_hash[info_hash]._state.adding = pk, False


def _values(row: models.Model, fields: Sequence[models.Field[Any, Any]]) -> list[Any]:
    return [field.get_db_prep_save(field.pre_save(row, True), connection) for field in fields]
