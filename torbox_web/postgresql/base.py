"""Limit how long a web process waits for PostgreSQL. ENGINE names this package."""

from __future__ import annotations

from typing import ClassVar

from django.db.backends.postgresql import base

WEB = {"lock_timeout": 8_000, "statement_timeout": 15_000}
"""In milliseconds. A page that waits longer for a lock or an answer becomes a 503 (`torbox_web/http/unavailable.py`)."""


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's backend, with `limits` set by statements: PgBouncer rejects startup options. Workers have none."""

    limits: ClassVar[dict[str, int]] = {}

    def init_connection_state(self) -> None:
        super().init_connection_state()
        for name, milliseconds in self.limits.items():
            with self.connection.cursor() as cursor:
                cursor.execute(f"SET {name} = {int(milliseconds)}")
        if self.limits and not self.get_autocommit():
            self.connection.commit()
