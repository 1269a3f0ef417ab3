"""What happens at TorBox after saving: what people are told when they start it, and what holds afterwards."""

from __future__ import annotations

from typing import NamedTuple, Protocol

from ..models import Folder

After = Folder.After
SAFEST_LAST = (After.DELETE, After.STOP_SEEDING, After.KEEP)


class Says(Protocol):
    """A folder, or a job with what was told about it.

    `after` is one of `Folder.After`, and `after_days` are those until deletion.
    """

    @property
    def after(self) -> str: ...

    @property
    def after_days(self) -> int: ...


class Afterwards(NamedTuple):
    """What happens at TorBox after saving."""

    after: str
    after_days: int = 0


KEPT = Afterwards(After.KEEP)


def safer(*said: Says) -> Afterwards:
    """Return what holds if all of these were said: the safest of them, and of several deletions the latest."""
    after = max((one.after for one in said), key=rank)
    days = max(one.after_days for one in said)
    return Afterwards(after, days if after == After.DELETE else 0)


def rank(after: str) -> int:
    """Return a number that is larger the less happens to the torrent."""
    return SAFEST_LAST.index(After(after))
