"""The torrents that a program sees, each with its state, its copy on this server, and its category.

A torrent on several accounts appears once, because its info hash is its only name here. One with a category comes first,
so that the program which put it there keeps seeing it; then those that the person added or that are on their account, and
of these the one that is furthest.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import NamedTuple

from django.conf import settings

from accounts.models import User

from .accounts import SeenAccount, accounts_of
from .categories import Categories, Destination, categories_of, split
from .copies import NO_COPY, Copy, Saved, copies_of
from .rows import EVERY, Narrow, Row, jobs_of, rows_of, tags_of
from .states import State, state_of

FURTHEST_FIRST = (
    State.COMPLETE,
    State.MOVING,
    State.DOWNLOADING,
    State.CHECKING,
    State.METADATA,
    State.STALLED,
    State.STOPPED,
    State.QUEUED,
    State.ERROR,
    State.MISSING_FILES,
)
RANKS = {state: rank for rank, state in enumerate(FURTHEST_FIRST)}


class Known(NamedTuple):
    """A torrent with all that is said about it. `destination`: where its category is saved to."""

    row: Row
    state: State
    copy: Copy
    category: str
    tags: list[str]
    destination: Destination | None
    is_mine: bool


class Reading:
    """What one program sees now."""

    def __init__(self, person: User) -> None:
        self.person = person
        self.accounts: list[SeenAccount] = accounts_of(person)
        self.categories: Categories = categories_of(person)

    def torrents(self, narrow: Narrow = EVERY) -> list[Known]:
        """Return the torrents that the person sees, the oldest first."""
        narrow = replace(narrow, paths=bool(settings.MEDIA_PATH))
        rows = rows_of(self.person, self.accounts, narrow)
        sorted_tags = [split(tags_of(row.tags), self.categories) for row in rows]
        saved = [
            Saved(row, self.categories.get(category))
            for row, (category, _) in zip(rows, sorted_tags, strict=True)
        ]
        copies = copies_of(saved, jobs_of(self.person, self.accounts, narrow))
        own = {account.pk for account in self.accounts if account.owner == self.person.pk}
        return _once(
            Known(
                row,
                state_of(row.status, row.reason, copy.saving),
                copy,
                category,
                tags,
                destination,
                row.added_by_id == self.person.pk or row.account_id in own,
            )
            for (row, destination), (category, tags) in zip(saved, sorted_tags, strict=True)
            if (copy := copies.get(row.pk, NO_COPY))
        )

    def torrent(self, info_hash: str) -> Known | None:
        """Return the torrent with an info hash, or None if the person doesn't see one."""
        return next(iter(self.torrents(Narrow(hashes=(info_hash.strip().lower(),)))), None)

    def of_hashes(self, hashes: tuple[str, ...]) -> list[Known]:
        """Return the torrents with these info hashes."""
        return self.torrents(Narrow(hashes=hashes)) if hashes else []

    def in_category(self, category: str) -> list[Known]:
        """Return the torrents of a category, or those without one for ""."""
        if category and category not in self.categories:
            return []
        narrow = Narrow(tag=category) if category else Narrow(without=tuple(self.categories))
        return [known for known in self.torrents(narrow) if known.category == category]


def _once(torrents: Iterable[Known]) -> list[Known]:
    """Return one torrent of each hash."""
    by_hash: dict[str, Known] = {}
    for known in torrents:
        other = by_hash.setdefault(known.row.info_hash, known)
        if other is not known and _rank(known) < _rank(other):
            by_hash[known.row.info_hash] = known
    return list(by_hash.values())


def _rank(known: Known) -> tuple[bool, bool, int, int]:
    return not known.category, not known.is_mine, RANKS[known.state], known.row.pk
