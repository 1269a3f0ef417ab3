"""Add torrents as programs do: into a category, and again and again.

Nothing here asks TorBox. A torrent that is there already only gets the category and the tags, so a program that adds the
same one in a loop sends it once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any, Self

from django.utils import timezone

from accounts.deadlines import is_recent
from accounts.models import TorBoxAccount, User
from torrents.models import Seed, Torrent
from torrents.services.actions import adding, choosing, tagging
from torrents.services.actions.adding import BATCH, NewTorrent, Options
from torrents.states import Status

from . import categories

# What failed isn't sent again for so long, unless it was deleted first.
RESTS = timedelta(hours=1)


class NowhereToAdd(Exception):
    """The person can't add torrents to any TorBox account, or not these to theirs."""


@dataclass(frozen=True)
class Wish:
    """How a program wants torrents added. `name` is for a single torrent."""

    category: str = ""
    tags: tuple[str, ...] = ()
    name: str = ""
    seed: int = Seed.AUTOMATIC
    as_queued: bool = False

    @classmethod
    def of_json(cls, stored: dict[str, Any]) -> Self:
        return cls(**{**stored, "tags": tuple(stored.get("tags", ()))})

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "tags": list(self.tags)}


def add(*, person: User, new_torrents: Sequence[NewTorrent], wish: Wish) -> list[Torrent]:
    """Add torrents to the account that fits best, and return their rows, also of those that are there already.

    Raises `NowhereToAdd`, and `categories.Refused` for a name that can't be one of a category.
    """
    category = categories.ensure(person=person, name=wish.category) if wish.category else None
    there = _there(person, [new_torrent.magnet.info_hash for new_torrent in new_torrents])
    mine = _changeable(person, there)
    missing = [one for one in new_torrents if one.magnet.info_hash not in (mine if category else there)]
    rows = [*mine.values(), *_added(person, missing, wish, there.values())]
    if category:
        categories.put(person=person, torrents=list(mine.values()), name=category.name)
        categories.save_again(category=category, torrents=rows)
    if wish.tags:
        tagging.tag(person=person, torrents=list(mine.values()), add=wish.tags)
    return rows


def _added(
    person: User, new_torrents: Sequence[NewTorrent], wish: Wish, others: Iterable[Torrent]
) -> list[Torrent]:
    """Add torrents, but not to an account where the person can't change the one that is there."""
    if not new_torrents:
        return []
    hashes = [new_torrent.magnet.info_hash for new_torrent in new_torrents]
    full = {row.account_id for row in others if row.info_hash in hashes}
    accounts = [
        account
        for account in TorBoxAccount.objects.addable_by(person).with_sharing()
        if account.pk not in full
    ]
    account = choosing.target(person=person, accounts=accounts, hashes=hashes).account
    if account is None:
        raise NowhereToAdd
    options = Options(
        seed=wish.seed,
        name=wish.name if len(new_torrents) == 1 else "",
        as_queued=wish.as_queued,
        tags=tuple(filter(None, [wish.category.strip(), *wish.tags])),
    )
    result = adding.add(person=person, account=account, new_torrents=new_torrents, options=options)
    return result.added + result.existing


def _there(person: User, hashes: Sequence[str]) -> dict[str, Torrent]:
    """Return the torrents that the person sees and that needn't be sent again, by hash. Those they can change win."""
    found: dict[str, Torrent] = {}
    for start in range(0, len(hashes), BATCH):
        rows = Torrent.objects.visible_to(person).filter(info_hash__in=hashes[start : start + BATCH])
        for row in rows.for_display(person).order_by("pk"):
            known = found.get(row.info_hash)
            if not _is_over(row) and (known is None or (row.may_control and not known.may_control)):
                found[row.info_hash] = row
    return found


def _changeable(person: User, rows: dict[str, Torrent]) -> dict[str, Torrent]:
    return {info_hash: row for info_hash, row in rows.items() if row.may_control}


def _is_over(row: Torrent) -> bool:
    """Return whether a torrent is to be sent again. One that has just failed would only fail again."""
    if row.status == Status.FAILED:
        return not is_recent(row.status_since, RESTS, timezone.now())
    return row.status == Status.GONE
