"""Cache in Redis if it is configured, and in a database table if it isn't or if Redis fails."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from functools import partial
from typing import Any

from django.core.cache import caches
from django.core.cache.backends.base import DEFAULT_TIMEOUT, BaseCache
from django.core.cache.backends.db import DatabaseCache
from django.core.cache.backends.redis import RedisCache
from django.db import OperationalError
from redis.exceptions import RedisError

from accounts.bookkeeping import write_if_possible
from accounts.store_errors import reason_of

logger = logging.getLogger(__name__)

REST_SECONDS = 5.0  # from a failure of Redis until this process tries it again
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


class _Rest:
    """When this process may try Redis again. One value for all threads and calls."""

    until = -float("inf")


def _either(name: str) -> Callable[..., Any]:
    def ask(self: RedisOrTableCache, *args: Any, **kwargs: Any) -> Any:
        if time.monotonic() >= _Rest.until:
            try:
                return getattr(self.redis, name)(*args, **kwargs)
            except (RedisError, OSError) as error:
                rest(error)
        return getattr(caches["table"], name)(*args, **kwargs)

    return ask


class RedisOrTableCache(BaseCache):
    """Redis, with the table as a fallback while Redis fails.

    The two don't share their counters. While Redis comes and goes, a password guesser gets at most twice the attempts.
    """

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(params)
        self.redis = RedisCache(server, params)

    add = _either("add")
    get = _either("get")
    set = _either("set")
    touch = _either("touch")
    delete = _either("delete")
    get_many = _either("get_many")
    has_key = _either("has_key")
    incr = _either("incr")
    set_many = _either("set_many")
    delete_many = _either("delete_many")
    clear = _either("clear")


def rest(error: Exception) -> None:
    """Leave Redis alone for REST_SECONDS."""
    _Rest.until = time.monotonic() + REST_SECONDS
    reason = reason_of(error)
    message = "Redis isn't working (%s). Using the database table as the cache."
    logger.warning(message, reason, extra={"cause": f"cache {reason}"})
