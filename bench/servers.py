"""A PostgreSQL and a Redis for one part of the benchmark, deleted when it ends."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from tests import servers
from tests.servers import free_port

__all__ = ["Missing", "free_port", "private_servers"]
Missing = servers.Missing


class Postgres(servers.Postgres):
    """A PostgreSQL that writes to disk and looks after its tables: the figures include what tests omit for speed."""

    def words(self) -> list[str]:
        omitted = ("fsync", "synchronous_commit", "full_page_writes", "autovacuum")
        return [*super().words(), *(word for name in omitted for word in ("-c", f"{name}=on"))]


@contextmanager
def private_servers() -> Iterator[dict[str, str]]:
    """Return variables for an instance that uses them. DATABASE_URL and REDIS_URL take precedence."""
    given = {name: os.environ[name] for name in ("DATABASE_URL", "REDIS_URL") if os.environ.get(name)}
    with ExitStack() as running:
        if "DATABASE_URL" not in given:
            given["DATABASE_URL"] = running.enter_context(Postgres()).url
        if "REDIS_URL" not in given:
            given["REDIS_URL"] = running.enter_context(servers.Redis()).url
        yield given
