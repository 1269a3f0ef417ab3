"""The tables of this database: check that they are empty, empty them, and fit them to a backup."""

from __future__ import annotations

from typing import Any

from django.core.management.color import no_style
from django.db import connection
from django.db.migrations.exceptions import IrreversibleError
from django.db.migrations.executor import MigrationExecutor

from accounts.models import TorBoxAccount, User
from torrents.models import Torrent

from .contents import BackupRefused, Migrations, applied_migrations

LEFT_ALONE = {"django_migrations", "django_content_type", "auth_permission"}


def is_empty() -> bool:
    """Return whether there are no people, TorBox accounts, or torrents. There may be no tables yet."""
    tables = set(connection.introspection.table_names())
    kept = [model for model in (User, TorBoxAccount, Torrent) if model._meta.db_table in tables]
    return not any(model._base_manager.exists() for model in kept)


def clear() -> None:
    """Delete every row, including sessions and the cache. Tables and migrations stay."""
    tables = sorted(set(connection.introspection.table_names()) - LEFT_ALONE)
    if tables:
        connection.ops.execute_sql_flush(connection.ops.sql_flush(no_style(), tables, allow_cascade=False))


def fits(recorded: Migrations) -> bool:
    """Return whether the tables have the schema the rows were read from."""
    applied = applied_migrations()
    return all(set(applied.get(app, [])) == set(names) for app, names in recorded.items())


def migrate_back_to(recorded: Migrations) -> Any:
    """Migrate the empty tables back to an older version and return the models of that version."""
    executor = MigrationExecutor(connection)
    targets = [(app, max(names)) for app, names in recorded.items()]
    try:
        executor.migrate(targets)
    except IrreversibleError:
        raise BackupRefused(
            "This backup is older than the tables here, which can't be migrated back. Restore it into a new database."
        ) from None
    return MigrationExecutor(connection).loader.project_state(targets).apps
