from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Choice:
    """A tab, a sort order, or a filter: a link that keeps the rest of the query string."""

    key: str
    label: str
    url: str
    current: bool
    count: int = 0
