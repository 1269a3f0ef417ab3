"""What belongs into a backup, and which schema its rows fit."""

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
    "sessions": "everybody signs in again",
    "usersessions": "they describe sessions",
    "contenttypes": "made by migrations, with numbers of its own in each database",
    "auth": "its groups and permissions are not used",
    "accounts.SetupLink": "good for a fresh instance only",
    "care.Lease": "held by processes of one instance",
    "torrents.Heartbeat": "signs of processes of one instance",
}

Migrations = dict[str, list[str]]


class Refused(Exception):
    """The backup cannot be made or restored; the message says why and what to do."""


def kept_models() -> list[type[models.Model]]:
    """A new model is kept unless somebody leaves it out."""
    return [
        model
        for model in apps.get_models()
        if not {model._meta.app_label, model._meta.label} & LEFT_OUT.keys()
    ]


def member(model: type[models.Model]) -> str:
    return f"{model._meta.label}.jsonl"


def written_fields(model: type[models.Model]) -> list[Any]:
    """Columns; the relations of several to several are those of `auth`, which are left out."""
    return [field for field in model._meta.concrete_fields if not (field.primary_key or field.generated)]


def applied_migrations() -> Migrations:
    """App to the names of its migrations in this database; empty for an empty database."""
    found: Migrations = {}
    for app, name in sorted(MigrationRecorder(connection).applied_migrations()):
        found.setdefault(app, []).append(name)
    return found


def has_all_migrations() -> bool:
    executor = MigrationExecutor(connection)
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())


def unknown_migrations(recorded: Migrations) -> list[str]:
    """Those this version has never heard of: a newer one wrote them."""
    loader = MigrationLoader(None)
    known = set(loader.disk_migrations or {})
    known |= {key for made in (loader.disk_migrations or {}).values() for key in made.replaces}
    return [f"{app}.{name}" for app, names in recorded.items() for name in names if (app, name) not in known]
