"""Results of doing something to several things at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated

from pydantic import Field

from .base import Answer, Id
from .problems import ProblemDetails

MAX_AT_ONCE = 1000
Ids = Annotated[list[Id], Field(min_length=1, max_length=MAX_AT_ONCE)]


class ItemResult(Answer):
    """What became of one of them."""

    id: int
    ok: bool
    problem: ProblemDetails | None = Field(description="Why it failed, or null.")


class Results(Answer):
    """What became of each, in the order in which they were sent. One that is sent twice is there once."""

    items: list[ItemResult]
    done: int
    failed: int


def results(ids: Sequence[int], problems: Mapping[int, ProblemDetails]) -> Results:
    """Return the results for these ids, of which some have a problem."""
    items = [
        ItemResult(id=one, ok=one not in problems, problem=problems.get(one)) for one in dict.fromkeys(ids)
    ]
    return Results(items=items, done=len(items) - len(problems), failed=len(problems))


def lacking(ids: Iterable[int], found: Iterable[int]) -> list[int]:
    """Return the ids that weren't found, each once."""
    known = set(found)
    return [one for one in dict.fromkeys(ids) if one not in known]
