"""Cut what a query asks for into lists that every database takes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeVar

PIECE = 500
T = TypeVar("T")


def pieces(values: Iterable[T]) -> Iterator[list[T]]:
    """Yield different values in lists of at most 500."""
    unique = list(dict.fromkeys(values))
    for start in range(0, len(unique), PIECE):
        yield unique[start : start + PIECE]
