"""Write or delete torrents under a new revision. To write by query, use `TorBoxAccount.write`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from accounts.models import TorBoxAccount

from .bulk_insert import PIECE, insert_torrents
from .torrents import Torrent, TorrentQuerySet

NEVER_WRITTEN = {"id", "account", "info_hash"}  # they identify the row
WRITTEN = [field.name for field in Torrent._meta.concrete_fields if field.name not in NEVER_WRITTEN]


def write_rows(account: TorBoxAccount, rows: Sequence[Torrent]) -> None:
    """Write new and changed rows whole, under one new revision, and set the keys of new ones.

    Call this in a transaction that locked the account before it read the rows. Without rows the revision stays.
    """
    if not rows:
        return
    hidden = all(row.hidden for row in rows) and not _any_shown(rows)
    revision = account.next_revision(hidden=hidden)
    for row in rows:
        row.revision = revision
    known = [row for row in rows if row.pk is not None]  # before the new ones get keys
    insert_torrents([row for row in rows if row.pk is None])
    _update(known, WRITTEN)


def write_digests(rows: Sequence[Torrent]) -> None:
    """Write the list digests of rows that are otherwise unchanged."""
    _update(rows, ["list_digest"])


def erase(account: TorBoxAccount, rows: TorrentQuerySet) -> None:
    """Delete rows under a new revision. Call this in a transaction that has locked the account."""
    account.next_revision(hidden=not rows.filter(hidden=False).exists())
    rows.delete()


def _any_shown(rows: Sequence[Torrent]) -> bool:
    """Return whether any of them was visible to others until now."""
    known = [row.pk for row in rows if row.pk is not None]
    return any(Torrent.objects.filter(pk__in=piece, hidden=False).exists() for piece in _pieces(known))


def _pieces(keys: Sequence[int]) -> Iterator[Sequence[int]]:
    return (keys[start : start + PIECE] for start in range(0, len(keys), PIECE))


def _update(rows: Sequence[Torrent], fields: Sequence[str]) -> None:
    # Like bulk_update, but without a CASE for every field and row, which held the lock for seconds.
    Torrent.objects.bulk_create(
        rows, batch_size=PIECE, update_conflicts=True, unique_fields=["id"], update_fields=fields
    )
