"""Lists that are well-formed but wrong: rows missing, repeated, lost between pages, or with odd values."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any, TypeVar

from simulator.errors import Unsupported

MYLIST, GETQUEUED = "mylist", "getqueued"
Row = TypeVar("Row")


@dataclass
class Oddity:
    """What is wrong with the next `times` lists of an account. `share` (0 to 1) of the rows is left out, by hash."""

    auth_id: str
    endpoint: str = MYLIST
    times: int = 1
    only: str = ""
    """The hash that is left out."""
    share: float = 0.0
    seed: int = 0
    repeat: bool = False
    shift: int = 0
    """The number of rows that pages after the first skip."""

    def hides(self, info_hash: str) -> bool:
        if self.only:
            return info_hash == self.only
        return Random(f"{self.seed} {info_hash}").random() < self.share


class Oddities:
    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        self._planned: list[Oddity] = []
        self._values: dict[tuple[str, str, str], dict[str, Any]] = {}

    def spoil(self, auth_id: str, endpoint: str, info_hash: str, values: dict[str, Any]) -> None:
        """Replace values of a row from now on. Without values the row is correct again."""
        _check(endpoint)
        self._values[auth_id, endpoint, info_hash] = values

    def values(self, auth_id: str, endpoint: str, info_hash: str) -> dict[str, Any]:
        """Return the odd values of a row."""
        return self._values.get((auth_id, endpoint, info_hash), {}) if self._values else {}

    def plan(self, oddity: Oddity) -> None:
        _check(oddity.endpoint)
        if not 0 <= oddity.share <= 1:
            raise Unsupported("a share is between 0 and 1")
        self._planned.append(oddity)

    def page(
        self, auth_id: str, endpoint: str, rows: Sequence[Row], hash_of: Callable[[Row], str], offset: int
    ) -> tuple[Sequence[Row], int]:
        """Return the rows and the offset of a response, and use up one time of each oddity in it."""
        found = [odd for odd in self._planned if self._concerns(odd, auth_id, endpoint, offset)]
        for odd in found:
            odd.times -= 1
            rows = [row for row in rows if not odd.hides(hash_of(row))]
            rows = [row for row in rows for _ in range(1 + odd.repeat)]
            offset += odd.shift
        self._planned = [odd for odd in self._planned if odd.times > 0]
        return rows, max(0, offset)

    def _concerns(self, odd: Oddity, auth_id: str, endpoint: str, offset: int) -> bool:
        return (odd.auth_id, odd.endpoint) == (auth_id, endpoint) and bool(offset or not odd.shift)


def _check(endpoint: str) -> None:
    if endpoint not in (MYLIST, GETQUEUED):
        raise Unsupported(f"no list {endpoint!r}; there are {MYLIST} and {GETQUEUED}")
