"""Writes that a page can do without, such as when a person was last seen."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from django.db import Error, connection, transaction

from .store_errors import is_refusal, reason_of

logger = logging.getLogger(__name__)
T = TypeVar("T")

WAIT_MS = 500  # for a database that another process has locked


def write_if_possible(write: Callable[[], T]) -> T | None:
    """Run `write` in a transaction that waits for locks only briefly. If the database refuses, log it and return None.

    Other errors are raised, because they are bugs.
    """
    try:
        with short_wait(), transaction.atomic():
            return write()
    except Error as error:
        if not is_refusal(error):
            raise
        reason = reason_of(error)
        cause = {"cause": f"database {reason}"}
        logger.warning("The database refuses writes (%s). Pages work without this one.", reason, extra=cause)
        return None


@contextmanager
def short_wait(milliseconds: int = WAIT_MS) -> Iterator[None]:
    """Wait no longer than this for a database lock inside the block.

    SQLite's PRAGMA doesn't go through Django's cursor, so it doesn't count as a query.
    """
    connection.ensure_connection()
    if connection.vendor == "sqlite":
        before = _sqlite_timeout(milliseconds)
        try:
            yield
        finally:
            _sqlite_timeout(before)
    else:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(f"SET LOCAL lock_timeout = {int(milliseconds)}")
            yield


def _sqlite_timeout(milliseconds: int) -> int:
    """Set how long this connection waits for a lock. Return the previous value."""
    raw = connection.connection
    if raw is None:  # an error inside the block closed the connection
        return milliseconds
    before = raw.execute("PRAGMA busy_timeout").fetchone()[0]
    raw.execute(f"PRAGMA busy_timeout = {int(milliseconds)}").close()
    return int(before)
