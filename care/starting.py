"""Several processes may start at once: one of them brings the database up to date, the others wait for it."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.core.management import call_command
from django.db import connection

ADVISORY_LOCK = 0x746F72626F78  # "torbox"; any number nobody else takes


@contextmanager
def alone() -> Iterator[None]:
    """Waits until no other process of this instance is in here; one that dies lets the next one in."""
    with _advisory_lock() if connection.vendor == "postgresql" else _file_lock():
        yield


def bring_up_to_date() -> None:
    call_command("migrate", interactive=False, verbosity=0)
    call_command("createcachetable", verbosity=0)


@contextmanager
def _advisory_lock() -> Iterator[None]:
    """Held by the connection, so across machines."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [ADVISORY_LOCK])
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [ADVISORY_LOCK])


@contextmanager
def _file_lock() -> Iterator[None]:
    """SQLite is on one machine, and so is the folder."""
    with (settings.DATA_DIR / "prepare.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
