"""Where a page of a list ends, as a text that finds the next page even if rows came, went, or moved in the meantime."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from django.db.models import Model, Q
from django.db.models.expressions import OrderBy
from django.utils.dateparse import parse_datetime

from .problems import Code, Problem

MAX_CURSOR = 2_000  # characters
BIGGEST = 2**63 - 1


class Column(NamedTuple):
    """A column that a list is sorted by. Rows without a value come last."""

    name: str
    descends: bool


def column_of(order: Sequence[str | OrderBy]) -> Column:
    """Return the first column of an order whose second is the primary key, in the same direction."""
    first = order[0]
    if isinstance(first, str):
        return Column(first.removeprefix("-"), first.startswith("-"))
    expression = first.expression
    return Column(str(getattr(expression, "name", "")), bool(first.descending))


def cursor_of(row: Model, order: Sequence[str | OrderBy], sort: str) -> str:
    """Return the cursor for the page after this row."""
    value = getattr(row, column_of(order).name)
    stored = value.isoformat() if isinstance(value, datetime) else value
    text = json.dumps([sort, stored, row.pk], separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def after(cursor: str, order: Sequence[str | OrderBy], sort: str) -> Q:
    """Match the rows after a cursor. Raises `Problem`."""
    column = column_of(order)
    value, pk = _read(cursor, sort)
    way = "lt" if column.descends else "gt"
    further = Q(**{f"pk__{way}": pk})
    if value is None:
        return Q(**{column.name: None}) & further
    # The first condition follows from the second. It lets the database begin in the middle of an index.
    onward = Q(**{f"{column.name}__{way}e": value}) & (Q(**{f"{column.name}__{way}": value}) | further)
    return onward | Q(**{column.name: None}) if column.name == "removal_at" else onward


def _read(cursor: str, sort: str) -> tuple[Any, int]:
    """Return the value and the key that a cursor holds. Raises `Problem`."""
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        known, stored, pk = json.loads(base64.b64decode(padded.encode("ascii"), b"-_", validate=True))
    except (ValueError, TypeError, RecursionError):
        raise Problem(Code.CURSOR) from None
    value = _value(stored, sort)
    if known != sort or type(pk) is not int or not 0 < pk <= BIGGEST or value is _WRONG:
        raise Problem(Code.CURSOR)
    return value, pk


_WRONG = object()
TIMES = {"newest", "oldest", "expiring"}
TEXTS = {"name"}


def _value(stored: object, sort: str) -> object:
    """Return the value of the sort's column, or _WRONG if it can't be one."""
    if sort in TIMES:
        if stored is None and sort == "expiring":
            return None
        try:
            moment = parse_datetime(stored) if isinstance(stored, str) else None
            return moment.astimezone(UTC) if moment and moment.tzinfo else _WRONG
        except (ValueError, OverflowError):  # not a time, or in UTC not one of the years from 1 to 9999
            return _WRONG
    if sort in TEXTS:
        return stored if isinstance(stored, str) and _is_storable(stored) else _WRONG
    if isinstance(stored, bool) or not isinstance(stored, int | float) or not abs(stored) <= BIGGEST:
        return _WRONG
    return stored


def _is_storable(text: str) -> bool:
    """Return whether a database takes a text: no NUL, and no half of a character."""
    return "\0" not in text and not any("\ud800" <= one <= "\udfff" for one in text)
