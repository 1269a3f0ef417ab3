"""The last download of a torrent, which postpones its removal by TorBox."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.utils import timezone

from accounts.deadlines import is_recent
from accounts.transactions import in_transaction, lock_accounts
from torrents.models import Torrent
from torrents.models.writing import write_rows

COUNTED_EVERY = timedelta(hours=1)  # A player asks for a link again whenever its user skips ahead.


def record_download(torrents: Iterable[Torrent]) -> None:
    """Record that links to torrents were given out, and estimate again when TorBox removes them.

    A torrent is written at most once an hour.
    """
    now = timezone.now()
    taken = [torrent for torrent in torrents if not is_recent(torrent.taken_at, COUNTED_EVERY, now)]
    if taken:
        _write(taken, now)


@in_transaction
def _write(taken: Sequence[Torrent], now: datetime) -> None:
    for account in lock_accounts(torrent.account_id for torrent in taken).values():
        rows = list(Torrent.objects.filter(account=account, pk__in=[torrent.pk for torrent in taken]))
        for row in rows:
            row.taken_at = now
            row.settle_removal()
        write_rows(account, rows)
