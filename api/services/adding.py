"""Add torrents as programs do: into a category, and again and again.

Nothing here asks TorBox. A torrent that is there already only gets the category and the tags, so a program that adds the
same one in a loop sends it once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any, Self

from django.utils import timezone

from accounts.deadlines import is_recent
from accounts.models import TorBoxAccount, User
from accounts.transactions import in_transaction, lock_addable
from torrents.models import Seed, Torrent
from torrents.services.actions import adding, choosing, tagging
from torrents.services.actions.adding import BATCH, AddResult, NewTorrent, Options
from torrents.states import Status

from . import categories, operating

# What failed isn't sent again for so long, unless it was deleted first.
RESTS = timedelta(hours=1)


class NowhereToAdd(Exception):
    """The person can't add torrents to any TorBox account, or not these to theirs."""


@dataclass(frozen=True)
class Wish:
    """How a program wants torrents added. `name` is for a single torrent. `first`: saved before others."""

    category: str = ""
    tags: tuple[str, ...] = ()
    name: str = ""
    seed: int = Seed.AUTOMATIC
    as_queued: bool = False
    first: bool = False

    @classmethod
    def of_json(cls, stored: dict[str, Any]) -> Self:
        return cls(**{**stored, "tags": tuple(stored.get("tags", ()))})

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "tags": list(self.tags)}


def add(*, person: User, new_torrents: Sequence[NewTorrent], wish: Wish) -> list[Torrent]:
    """Add torrents to the account that fits best, and return their rows, also of those that are there already.

    What can't be added is left out. Raises `NowhereToAdd` if that is all of it, and `categories.Refused` for a name that
    can't be one of a category.
    """
    category = categories.ensure(person=person, name=wish.category) if wish.category else None
    known, result = _stored(person, new_torrents, wish)
    if category:
        categories.save_again(category=category, torrents=known + result.back)
    if wish.first:
        operating.save_first(person=person, torrents=known + result.added)
    return known + result.added


@in_transaction
def _stored(person: User, new_torrents: Sequence[NewTorrent], wish: Wish) -> tuple[list[Torrent], AddResult]:
    """Add what is missing, and give the others their category and tags. Return these others, and what was added.

    All accounts are locked before anything is read, so that a torrent in two adds at once goes to one account.
    """
    accounts = lock_addable(person)
    there = _there(person, [new_torrent.magnet.info_hash for new_torrent in new_torrents])
    mine = {info_hash: row for info_hash, rows in there.items() if (row := _changeable(rows))}
    fine = mine if wish.category else there
    missing = [one for one in new_torrents if one.magnet.info_hash not in fine]
    result = _added(person, accounts, missing, there, wish)
    known = [*mine.values(), *result.existing]
    if not (fine or known or result.added):
        raise NowhereToAdd
    _label(person, known + result.back, wish)  # those that are back may have kept another category
    return known, result


def _added(
    person: User,
    accounts: Sequence[TorBoxAccount],
    new_torrents: Sequence[NewTorrent],
    there: Mapping[str, Sequence[Torrent]],
    wish: Wish,
) -> AddResult:
    """Add torrents, but not to an account where the person can't change the one that is there."""
    parts: dict[frozenset[int], list[NewTorrent]] = {}
    for one in new_torrents:
        taken = frozenset(row.account_id for row in there.get(one.magnet.info_hash, ()))
        parts.setdefault(taken, []).append(one)
    options = Options(
        seed=wish.seed,
        name=wish.name if len(new_torrents) == 1 else "",
        as_queued=wish.as_queued,
        tags=tuple(filter(None, [wish.category.strip(), *wish.tags])),
        tags_last=True,
    )
    added = AddResult()
    for taken, part in parts.items():
        free = [account for account in accounts if account.pk not in taken]
        hashes = [one.magnet.info_hash for one in part]
        account = choosing.target(person=person, accounts=free, hashes=hashes).account
        if account:
            result = adding.add(person=person, account=account, new_torrents=part, options=options)
            added.added.extend(result.added)
            added.existing.extend(result.existing)
            added.back.extend(result.back)
    return added


def _label(person: User, torrents: Sequence[Torrent], wish: Wish) -> None:
    """Give torrents the tags, and the category in place of another one."""
    wanted = {wish.category.strip(), *wish.tags} - {""}
    torrents = [row for row in torrents if set(row.tags) != wanted]
    if torrents and wish.category:
        categories.put(person=person, torrents=torrents, name=wish.category, tags=wish.tags)
    elif torrents and wish.tags:
        tagging.tag(person=person, torrents=torrents, add=wish.tags, lasts=True)


def _there(person: User, hashes: Sequence[str]) -> dict[str, list[Torrent]]:
    """Return the torrents that the person sees and that needn't be sent again, by hash."""
    found: dict[str, list[Torrent]] = {}
    for start in range(0, len(hashes), BATCH):
        rows = Torrent.objects.visible_to(person).filter(info_hash__in=hashes[start : start + BATCH])
        for row in rows.for_display(person).order_by("pk"):
            if not _is_over(row):
                found.setdefault(row.info_hash, []).append(row)
    return found


def _changeable(rows: Iterable[Torrent]) -> Torrent | None:
    """Return the first torrent that the person may change."""
    return next((row for row in rows if row.may_control), None)


def _is_over(row: Torrent) -> bool:
    """Return whether a torrent is to be sent again. One that has just failed would only fail again."""
    if row.status == Status.FAILED:
        return not is_recent(row.status_since, RESTS, timezone.now())
    return row.status == Status.GONE
