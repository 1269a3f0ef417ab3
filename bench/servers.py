"""A PostgreSQL and a Redis for one part of the bench, gone with everything in them at its end."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from tests import servers
from tests.servers import free_port

__all__ = ["Missing", "free_port", "private_servers"]
Missing = servers.Missing


class Postgres(servers.Postgres):
    """One that writes to disk as in life: what tests leave out for speed is part of the figures."""

    def words(self) -> list[str]:
        lasting = ("fsync", "synchronous_commit", "full_page_writes")
        return [*super().words(), *(word for name in lasting for word in ("-c", f"{name}=on"))]


@contextmanager
def private_servers() -> Iterator[dict[str, str]]:
    """Variables that put an instance on them. DATABASE_URL and REDIS_URL of the environment go first."""
    given = {name: os.environ[name] for name in ("DATABASE_URL", "REDIS_URL") if os.environ.get(name)}
    with ExitStack() as running:
        if "DATABASE_URL" not in given:
            given["DATABASE_URL"] = running.enter_context(Postgres()).url
        if "REDIS_URL" not in given:
            given["REDIS_URL"] = running.enter_context(servers.Redis()).url
        yield given
