"""Make the database refuse: read-only for this connection, or locked by another one."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from django.db import connection


@contextmanager
def read_only() -> Iterator[None]:
    """Make every write of this connection fail, as on a replica or in a read-only file."""
    switch = (
        ("PRAGMA query_only = ON", "PRAGMA query_only = OFF")
        if connection.vendor == "sqlite"
        else ("SET default_transaction_read_only = on", "SET default_transaction_read_only = off")
    )
    _run(switch[0])
    try:
        yield
    finally:
        _run(switch[1])


@contextmanager
def locked(table: str) -> Iterator[None]:
    """Lock `table` from another connection. On SQLite that locks the whole database."""
    if connection.vendor == "sqlite":
        other = sqlite3.connect(str(connection.settings_dict["NAME"]), isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
    else:
        settings = connection.get_connection_params()
        named = {name: settings[name] for name in ("host", "port", "user", "password", "dbname")}
        other = psycopg.connect(**named)
        other.execute(f"LOCK TABLE {table} IN EXCLUSIVE MODE")
    try:
        yield
    finally:
        other.rollback()
        other.close()


def _run(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)
