"""Queries that are asked thousands of times a day: their SQL is made once.

For a query with many annotations Django takes ten times as long to put it together as the database to answer it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Generic, TypeVar

from django.db.models import Model, QuerySet

M = TypeVar("M", bound=Model)
STAND_IN = 2**31 - 61  # a primary key that no row reaches


class ByKey(Generic[M]):
    """One row by its primary key, as `build` reads it. Annotations stay as the database gives them."""

    def __init__(self, model: type[M], build: Callable[[QuerySet[M]], QuerySet[M]]) -> None:
        self.model, self.build = model, build

    def get(self, pk: object) -> M | None:
        sql, params = self._statement
        rows = self.model._base_manager.raw(sql, [pk if param == STAND_IN else param for param in params])
        return next(iter(rows), None)

    @cached_property
    def _statement(self) -> tuple[str, tuple[object, ...]]:
        rows = self.build(self.model._base_manager.filter(pk=STAND_IN))
        return rows.order_by().query.sql_with_params()
