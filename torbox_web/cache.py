"""Cache in a database table. `torbox_web/redis_cache.py` is for those who have Redis: importing it takes 5 MB."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.db import DatabaseCache
from django.db import OperationalError

from accounts.bookkeeping import write_if_possible

PROBE = "writable"


class TableCache(DatabaseCache):
    """Django's table cache, except that it raises `OperationalError` if the database refuses to write.

    Django's `add` would answer as if the key existed, and a limit on guesses would then reject the right password.
    """

    def add(self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        if super().add(key, value, timeout, version):
            return True
        if not self.has_key(key, version):
            self.set(PROBE, True, 60)
        return False

    def _base_set(self, mode: str, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT) -> bool:
        done = bool(super()._base_set(mode, key, value, timeout))  # type: ignore[misc]
        if mode == "set" and not done:
            raise OperationalError("The cache table can't be written.")
        return done

    def _base_delete_many(self, keys: list[str]) -> bool:
        """Delete expired keys. Reading calls this, and has to work even if the database refuses to write."""
        return bool(keys and write_if_possible(partial(super()._base_delete_many, keys)))  # type: ignore[misc]
