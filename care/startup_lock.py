"""A lock for startup: one process brings the database up to date while the others wait."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection

from . import new_database

ADVISORY_LOCK = 0x746F72626F78  # "torbox"; any number that nothing else uses


@contextmanager
def alone() -> Iterator[None]:
    """Hold the startup lock. A process that dies releases it."""
    with _advisory_lock() if connection.vendor == "postgresql" else _file_lock():
        yield


def bring_up_to_date() -> None:
    """Migrate the database. Raises CommandError for one that can't be used, before anything is written to it."""
    refuse_other_encodings()
    if new_database.is_empty():
        new_database.create_tables()
    call_command("migrate", interactive=False, verbosity=0)
    call_command("createcachetable", verbosity=0)


def refuse_other_encodings() -> None:
    """Raise CommandError if PostgreSQL doesn't use UTF8, which would fail later, at the first name with an accent."""
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_encoding")
        (encoding,) = cursor.fetchone()
    if encoding != "UTF8":
        name = connection.settings_dict["NAME"]
        raise CommandError(
            f"The database {name} in DATABASE_URL has the encoding {encoding}, which can't store every name. "
            f"Create one with ENCODING 'UTF8' TEMPLATE template0 and use that."
        )


@contextmanager
def _advisory_lock() -> Iterator[None]:
    """Hold a lock of the connection, which works across machines."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [ADVISORY_LOCK])
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [ADVISORY_LOCK])


@contextmanager
def _file_lock() -> Iterator[None]:
    """Hold a lock on a file. SQLite is on one machine, and so is the folder."""
    with (settings.DATA_DIR / "prepare.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
