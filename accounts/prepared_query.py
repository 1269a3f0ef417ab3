"""Build the SQL of a frequent query once.

Django takes ten times as long to build a query with many annotations as the database takes to run it.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Generic, TypeVar

from django.db import connection
from django.db.models import Model, QuerySet

M = TypeVar("M", bound=Model)
STAND_IN = 2**31 - 61_000  # from here on, primary keys that no row will have
MOMENTS = (datetime(8999, 1, 1, tzinfo=UTC), datetime(8999, 1, 2, tzinfo=UTC))  # likewise
Statement = tuple[type[M], str, tuple[Any, ...]]


class Prepared(Generic[M]):
    """A query that differs from run to run in the primary keys it is about, or in texts it compares columns with.

    `build` returns it for such keys, and for whatever else changes its SQL. It is called once for each number of keys
    and each of the other values, so it must not read the clock. Annotations are the database's raw values, and nothing
    related is selected.
    """

    def __init__(self, build: Callable[..., QuerySet[M, Any]]) -> None:
        self._build = build
        self._statement = lru_cache(maxsize=256)(self._prepare)

    def rows(self, keys: Sequence[object], *others: Hashable) -> list[M]:
        """Return the rows for these keys."""
        model, sql, params = self._filled(keys, *others)
        return list(model._base_manager.raw(sql, params))

    def values(
        self, keys: Sequence[object], *others: Hashable, moments: Sequence[datetime] = ()
    ) -> list[tuple[Any, ...]]:
        """Return the values for these keys. `build` returns a `values_list`.

        `moments` go where the query compares with those of MOMENTS.
        """
        _, sql, params = self._filled(keys, *others, moments=moments)
        with connection.cursor() as cursor:
            cursor.execute(sql, params)
            return list(cursor.fetchall())

    def _filled(
        self, keys: Sequence[object], *others: Hashable, moments: Sequence[datetime] = ()
    ) -> Statement[M]:
        model, sql, params = self._statement(len(keys), *others)
        real: dict[object, object] = dict(zip(map(_as_param, MOMENTS), map(_as_param, moments), strict=False))
        for stand_in, key in zip(_stand_ins(len(keys)), keys, strict=True):
            real |= {stand_in: key, str(stand_in): key}  # as a column of texts gets it
        known = int | str | datetime
        return model, sql, tuple(real.get(one, one) if isinstance(one, known) else one for one in params)

    def _prepare(self, count: int, *others: Hashable) -> Statement[M]:
        rows = self._build(*_stand_ins(count), *others)
        return rows.model, *rows.query.sql_with_params()


def _as_param(moment: datetime) -> str | datetime | None:
    """Return a moment as the parameter of a query, which depends on the database."""
    return connection.ops.adapt_datetimefield_value(moment)


def _stand_ins(count: int) -> range:
    return range(STAND_IN, STAND_IN + count)
