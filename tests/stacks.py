"""The stores of a test instance: SQLite with a folder as queue, or a private PostgreSQL and Redis."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests import servers

NAMES = ("sqlite", "postgres")


@dataclass
class Backing:
    """Stores. `variables` are for the instance. After `write_down` all its data is in files of `folders`."""

    variables: dict[str, str]
    folders: list[Path]
    postgres: servers.Postgres | None = None
    redis: servers.Redis | None = None

    def write_down(self) -> None:
        """End the servers, so that their files can be searched."""
        if self.redis:
            with self.redis.client as client:
                client.save()
        for server in (self.postgres, self.redis):
            if server:
                server.stop()


@contextmanager
def backing(data: Path, *, postgres: bool, redis: bool) -> Iterator[Backing]:
    """Provide SQLite and the queue in `data`, or servers instead, which end afterwards."""
    made = Backing(
        {"DATABASE_URL": f"sqlite:///{data / 'torbox-web.sqlite3'}", "REDIS_URL": ""},
        [data],
    )
    with ExitStack() as started:
        if postgres:
            made.postgres = started.enter_context(servers.Postgres())
            made.variables["DATABASE_URL"] = made.postgres.create("torbox_web")
            made.folders.append(made.postgres.folder)
        if redis:
            made.redis = started.enter_context(servers.Redis())
            made.variables["REDIS_URL"] = made.redis.url
            made.folders.append(made.redis.folder)
        yield made
