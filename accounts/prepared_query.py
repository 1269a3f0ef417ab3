"""Build the SQL of a frequent query once.

Django takes ten times as long to build a query with many annotations as the database takes to run it.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from functools import lru_cache
from typing import Generic, TypeVar

from django.db.models import Model, QuerySet

M = TypeVar("M", bound=Model)
STAND_IN = 2**31 - 61_000  # from here on, primary keys that no row will have
Statement = tuple[type[M], str, tuple[object, ...]]


class Prepared(Generic[M]):
    """A query that differs from run to run in the primary keys it is about.

    `build` returns it for such keys, and for whatever else changes its SQL. It is called once for each number of keys
    and each of the other values. Annotations are the database's raw values, and nothing related is selected.
    """

    def __init__(self, build: Callable[..., QuerySet[M]]) -> None:
        self._build = build
        self._statement = lru_cache(maxsize=256)(self._prepare)

    def rows(self, keys: Sequence[object], *others: Hashable) -> list[M]:
        """Return the rows for these keys."""
        model, sql, params = self._statement(len(keys), *others)
        real = dict(zip(_stand_ins(len(keys)), keys, strict=True))
        filled = [real.get(param, param) if isinstance(param, int) else param for param in params]
        return list(model._base_manager.raw(sql, filled))

    def _prepare(self, count: int, *others: Hashable) -> Statement[M]:
        rows = self._build(*_stand_ins(count), *others)
        return rows.model, *rows.query.sql_with_params()


def _stand_ins(count: int) -> range:
    return range(STAND_IN, STAND_IN + count)
