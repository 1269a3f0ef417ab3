"""Cache in Redis, and in a database table while Redis fails."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any

from django.core.cache import caches
from django.core.cache.backends.base import BaseCache
from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

from accounts.store_errors import reason_of

logger = logging.getLogger(__name__)

REST_SECONDS = 5.0  # from a failure of Redis until this process tries it again


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
