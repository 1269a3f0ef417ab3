"""A name, and the folded forms of it for search and order."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper

from ..folding import fold, natural_key

MAX_NAME, MAX_SORT_NAME = 2000, 100  # characters; PostgreSQL can't index long values


class BytewiseCharField(models.CharField):  # type: ignore[type-arg]
    """Text that is ordered by code point, as in SQLite, whatever the collation of the PostgreSQL database."""

    def db_parameters(self, connection: BaseDatabaseWrapper) -> dict[str, str | None]:
        collation = "C" if connection.vendor == "postgresql" else None
        return super().db_parameters(connection) | {"collation": collation}


class Named(models.Model):
    """A row with a name. To change the name, call `set_name`. For a new row, `save` does."""

    info_hash: str
    name = models.TextField(blank=True)
    folded_name = models.TextField(blank=True, editable=False)
    sort_name = BytewiseCharField(max_length=MAX_SORT_NAME, blank=True, editable=False)

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self._state.adding:
            self.set_name(self.name)
        super().save(*args, **kwargs)

    def set_name(self, name: str) -> None:
        """Set the name, and fold it for search and order. A row without a name is ordered by its info hash."""
        self.name = name[:MAX_NAME]
        self.folded_name = fold(self.name)
        self.sort_name = natural_key(self.folded_name)[:MAX_SORT_NAME] or self.info_hash
