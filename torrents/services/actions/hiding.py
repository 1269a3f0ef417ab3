"""Hide torrents: only their adder and the owner of the TorBox account see them."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils import timezone

from accounts.models import TorBoxAccount, User
from accounts.transactions import in_transaction
from torrents.models import Activity, AddRequest, Torrent


@in_transaction
def hide(torrent: Torrent) -> None:
    """Hide a torrent, and its events until now."""
    _write(torrent, hidden=True)
    events = Activity.objects.filter(torrent=torrent, hidden=False)
    events.update(hidden=True, seen_by=torrent.added_by_id)


@in_transaction
def show(torrent: Torrent) -> None:
    """Show a torrent to everyone who sees the account. Events that an earlier adder hid stay hidden."""
    _write(torrent, hidden=False)
    events = Activity.objects.filter(torrent=torrent, hidden=True, seen_by=torrent.added_by_id)
    events.update(hidden=False, seen_by=None)


def hand_over(rows: Iterable[Torrent], person: User, *, hidden: bool = False) -> None:
    """Make `person` the adder of rows that were hidden from them, or deleted by others. The caller writes the rows.

    Nothing shows that they were there before: they start now, and earlier events stay hidden. Call this in a transaction
    that has locked the account.
    """
    rows, now = list(rows), timezone.now()
    for row in rows:
        row.removed_at, row.hidden, row.added_by = None, hidden, person
        row.added_at = row.status_since = now
        row.sent_at = now if row.sent_at else None
    AddRequest.objects.filter(torrent__in=[row.pk for row in rows]).update(created_at=now)
    Activity.record_many(Activity.about(row, Activity.Kind.ADDED, person=person) for row in rows)


def is_hidden_from(person: User, account: TorBoxAccount, row: Torrent) -> bool:
    """Return whether `person` must not learn that the account has this torrent."""
    return row.hidden and person.pk not in (row.added_by_id, account.owner_id)


def _write(torrent: Torrent, *, hidden: bool) -> None:
    torrent.account.lock()
    torrent.hidden = hidden
    torrent.account.write(Torrent.objects.filter(pk=torrent.pk), hidden=hidden)
