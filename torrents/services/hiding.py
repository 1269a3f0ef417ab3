"""Keeping a torrent to oneself: seen by its adder and the owner of the TorBox account, and by nobody else."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction

from accounts.models import TorBoxAccount, User

from ..models import Activity, Torrent


@transaction.atomic
def hide(torrent: Torrent) -> None:
    """From now on, and what happened to it before as well."""
    _write(torrent, hidden=True)
    told = Activity.objects.filter(torrent=torrent, hidden=False)
    told.update(hidden=True, seen_by=torrent.added_by_id)


@transaction.atomic
def show(torrent: Torrent) -> None:
    """To everybody who sees the account. What an earlier adder kept to themselves stays theirs."""
    _write(torrent, hidden=False)
    kept = Activity.objects.filter(torrent=torrent, hidden=True, seen_by=torrent.added_by_id)
    kept.update(hidden=False, seen_by=None)


def hand_over(rows: Iterable[Torrent], person: User, revision: int, *, hidden: bool = False) -> None:
    """Rows that were hidden from `person`, who now wants the same: they are theirs from now on.

    Nothing tells that they were there before: what happened until now stays hidden. Inside a transaction.
    """
    rows = list(rows)
    mine = Torrent.objects.filter(pk__in=[row.pk for row in rows])
    mine.update(removed_at=None, hidden=hidden, added_by=person, revision=revision)
    for row in rows:
        row.removed_at, row.hidden, row.added_by = None, hidden, person
    Activity.objects.bulk_create(Activity.about(row, Activity.Kind.ADDED, person=person) for row in rows)


def is_hidden_from(person: User, account: TorBoxAccount, row: Torrent) -> bool:
    """Whether `person` must not learn that the account has it."""
    return row.hidden and person.pk not in (row.added_by_id, account.owner_id)


def _write(torrent: Torrent, *, hidden: bool) -> None:
    torrent.hidden = hidden
    Torrent.objects.filter(pk=torrent.pk).update(hidden=hidden, revision=torrent.account.next_revision())
