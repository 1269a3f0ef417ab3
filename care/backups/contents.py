"""What belongs in a backup, and which schema its rows fit."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.db import connection, models
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

FORMAT = 1
MANIFEST, KEYS = "manifest.json", "encryption-keys"
LEFT_OUT = {
    "sessions": "everyone signs in again",
    "usersessions": "they describe sessions",
    "contenttypes": "created by migrations, with different ids in each database",
    "auth": "groups and permissions are not used",
    "accounts.SetupLink": "only for new instances",
    "api.IdempotentAnswer": "answers that programs ask for again within a day",
    "links.KeptAddress": "addresses at TorBox, which work for minutes",
    "care.InstanceLease": "held by processes of one instance",
    "torrents.Heartbeat": "written by processes of one instance",
}

Migrations = dict[str, list[str]]


class BackupRefused(Exception):
    """Raised when a backup can't be written or restored. The message says why and what to do."""


def kept_models() -> list[type[models.Model]]:
    """Return every model except those in LEFT_OUT, so that a new one is kept by default."""
    return [
        model
        for model in apps.get_models()
        if not {model._meta.app_label, model._meta.label} & LEFT_OUT.keys()
    ]


def member(model: type[models.Model]) -> str:
    """Return the name of the file in the zip that has the rows of `model`."""
    return f"{model._meta.label}.jsonl"


def written_fields(model: type[models.Model]) -> list[Any]:
    """Return the fields to write. Many-to-many relations have models of their own, except those of `auth`."""
    return [field for field in model._meta.concrete_fields if not (field.primary_key or field.generated)]


def applied_migrations() -> Migrations:
    """Return the names of the applied migrations by app. Empty for an empty database."""
    found: Migrations = {}
    for app, name in sorted(MigrationRecorder(connection).applied_migrations()):
        found.setdefault(app, []).append(name)
    return found


def has_all_migrations() -> bool:
    """Return whether every migration of this version is applied."""
    executor = MigrationExecutor(connection)
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())


def unknown_migrations(recorded: Migrations) -> list[str]:
    """Return the migrations this version doesn't have, because a newer version wrote the backup."""
    loader = MigrationLoader(None)
    known = set(loader.disk_migrations or {})
    known |= {key for made in (loader.disk_migrations or {}).values() for key in made.replaces}
    return [f"{app}.{name}" for app, names in recorded.items() for name in names if (app, name) not in known]
