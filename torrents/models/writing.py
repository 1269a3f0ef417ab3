"""Write or delete torrents under a new revision. To write by query, use `TorBoxAccount.write`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from accounts.models import TorBoxAccount

from .bulk_insert import PIECE, insert_facts, insert_torrents
from .tags import TorrentTag
from .torrents import Torrent, TorrentQuerySet

NEVER_WRITTEN = {"id", "account", "info_hash"}  # they identify the row
WRITTEN = [field.name for field in Torrent._meta.concrete_fields if field.name not in NEVER_WRITTEN]


def write_rows(account: TorBoxAccount, rows: Sequence[Torrent]) -> None:
    """Write new and changed rows whole with their tags, under one new revision, and set the keys of new ones.

    Call this in a transaction that locked the account before it read the rows. Without rows the revision stays.
    """
    if not rows:
        return
    hidden = all(row.hidden for row in rows) and not _any_shown(rows)
    revision = account.next_revision(hidden=hidden)
    for row in rows:
        row.revision = revision
    known = [row for row in rows if row.pk is not None]  # before the new ones get keys
    insert_torrents(new := [row for row in rows if row.pk is None])
    _update(known, WRITTEN)
    _write_tags(new, known)


def write_columns(account: TorBoxAccount, rows: Sequence[Torrent], columns: Sequence[str]) -> None:
    """Write some columns of known rows, under one new revision. Call this as `write_rows`."""
    if not rows:
        return
    revision = account.next_revision(hidden=all(row.hidden for row in rows))
    for row in rows:
        row.revision = revision
    _update(rows, [*columns, "revision"])


def write_digests(rows: Sequence[Torrent]) -> None:
    """Write the list digests of rows that are otherwise unchanged."""
    _update(rows, ["list_digest"])


def erase(account: TorBoxAccount, rows: TorrentQuerySet) -> None:
    """Delete rows under a new revision. Call this in a transaction that has locked the account."""
    account.next_revision(hidden=not rows.filter(hidden=False).exists())
    rows.delete()


def _write_tags(new: Iterable[Torrent], known: Sequence[Torrent]) -> None:
    """Make the rows of tags equal to `tags`. Only what differs is written, because most torrents have none."""
    missing = {(row.pk, tag): row.account_id for row in (*new, *known) for tag in row.tags if tag}
    superfluous: list[int] = []
    for piece in _pieces([row.pk for row in known]):
        stored = TorrentTag.objects.filter(torrent__in=piece)
        for pk, torrent_id, name in stored.values_list("pk", "torrent_id", "name"):
            if missing.pop((torrent_id, name), None) is None:
                superfluous.append(pk)
    for piece in _pieces(superfluous):
        TorrentTag.objects.filter(pk__in=piece).delete()
    tags = [{"account_id": owner, "torrent_id": pk, "name": name} for (pk, name), owner in missing.items()]
    insert_facts(TorrentTag, tags)


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
