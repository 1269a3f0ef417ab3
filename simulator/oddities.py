"""List answers that are true in form and wrong in content: rows left out, told twice, or slipped between pages."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random
from typing import TypeVar

from simulator.errors import Unsupported

MYLIST, GETQUEUED = "mylist", "getqueued"
Row = TypeVar("Row")


@dataclass
class Oddity:
    """What the next `times` answers of one account's list do. `share` 0..1 of the rows is left out, by hash."""

    auth_id: str
    endpoint: str = MYLIST
    times: int = 1
    only: str = ""
    """The one hash that is left out."""
    share: float = 0.0
    seed: int = 0
    repeat: bool = False
    shift: int = 0
    """By how many rows pages after the first begin too late."""

    def hides(self, info_hash: str) -> bool:
        if self.only:
            return info_hash == self.only
        return Random(f"{self.seed} {info_hash}").random() < self.share


class Oddities:
    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        self._planned: list[Oddity] = []

    def plan(self, oddity: Oddity) -> None:
        if oddity.endpoint not in (MYLIST, GETQUEUED):
            raise Unsupported(f"no list {oddity.endpoint!r}; there are {MYLIST} and {GETQUEUED}")
        if not 0 <= oddity.share <= 1:
            raise Unsupported("a share is between 0 and 1")
        self._planned.append(oddity)

    def page(
        self, auth_id: str, endpoint: str, rows: Sequence[Row], hash_of: Callable[[Row], str], offset: int
    ) -> tuple[Sequence[Row], int]:
        """The rows and the offset one answer is made of, and one time less of each oddity in it."""
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
