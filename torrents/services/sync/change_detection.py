"""Tell what a list from TorBox changes in our rows: digests, and which of two readings is newer."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

import torbox
from accounts.deadlines import SKEW
from accounts.models import TorBoxAccount
from torrents.models import AddRequest, RequestState, Torrent
from torrents.models import files as listed_files
from torrents.models.listed import VERSION, listed_values
from torrents.models.torrents import LISTS_LAG
from torrents.removal import removal_of

UNSETTLED = [RequestState.WAITING, RequestState.SENDING, RequestState.UNSURE]
LIST_CACHED = timedelta(
    seconds=600
)  # for how long TorBox may return the same list (docs/torbox-api.md#mylist)
MAX_FILES = 20_000  # rows kept for the files of one torrent

Listed = torbox.Torrent | torbox.Unchanged


def known_digests(account: TorBoxAccount) -> dict[int, tuple[str, str]]:
    """Return info hash and digest, by TorBox's id, of torrents for which an unchanged row of its list is no news."""
    unsettled = AddRequest.objects.filter(torrent=OuterRef("pk"), state__in=UNSETTLED)
    rows = Torrent.objects.listed().filter(account=account, missing_since=None, remote_id__isnull=False)
    moved = Q(removal_estimated=True, expires_at__isnull=False, taken_at__isnull=False)
    rows = rows.exclude(Q(row_digest="") | Exists(unsettled) | moved)
    values = rows.values_list("remote_id", "info_hash", "list_digest")
    return {
        remote_id: (info_hash, digest.removeprefix(VERSION))
        for remote_id, info_hash, digest in values
        if remote_id is not None and digest.startswith(VERSION)
    }


def known_digest(item: torbox.Torrent) -> str:
    """Return a text that stays the same until the item or the columns that it fills change.

    Return "" for an item with an odd value, which is read and counted again each time.
    """
    return "" if item.unread else VERSION + item.digest


def newest_by_hash(remote: Iterable[Listed]) -> dict[str, Listed]:
    """Return one item for each info hash. One with data wins over one without, then the newer one."""
    best: dict[str, Listed] = {}
    for item in remote:
        other = best.get(item.info_hash)
        if other is None or (item.download_present, item.id) > (other.download_present, other.id):
            best[item.info_hash] = item
    return best


@dataclass(frozen=True)
class Reading:
    """A reading of a list or of a torrent: when it was requested, and whether past TorBox's cache.

    `fresh_before`: when the whole account was last read past the cache.
    """

    at: datetime
    past_cache: bool = False
    fresh_before: datetime | None = None

    @property
    def known_at(self) -> datetime:
        """Return up to when the reading certainly knows what happened."""
        return self.at - LISTS_LAG


def is_older(row: Torrent, item: torbox.Torrent, reading: Reading) -> bool:
    """Return whether an item is older than the row, because it may come from TorBox's cache.

    A reading past the cache always wins over an earlier one. A list from the cache is compared with readings past it for
    as long as it may be older than these. Not longer, because TorBox's `updated_at` has gone backward before.
    """
    if row.remote_id != item.id:
        return False
    latest = timezone.now() + SKEW  # a later time was written by a clock that was wrong
    if reading.past_cache:
        return row.fresh_read_at is not None and reading.at < row.fresh_read_at <= latest
    before, said = row.remote_updated_at, item.updated_at
    if before is None or said is None or said >= before:
        return False
    fresh = [at for at in (row.fresh_read_at, reading.fresh_before) if at and at <= latest]
    return max(fresh, default=reading.at - LIST_CACHED) > reading.at - LIST_CACHED


def has_new_date(row: Torrent, reading: Reading) -> bool:
    """Return whether TorBox's date of removal counts again, which a download had moved before this reading."""
    if not (row.removal_estimated and row.expires_at and row.taken_at):
        return False
    return removal_of(row, timezone.now(), reading.known_at) != (row.removal_at, row.removal_estimated)


def row_digest(item: torbox.Torrent) -> str:
    """Return a digest of everything that `Reconciliation.update` copies from an item."""
    values = [item.id, item.name, item.error, item.magnet, item.download_finished, item.download_present]
    return _digest([VERSION, *values, *listed_values(item), *item.unread])


def files_digest(item: torbox.Torrent) -> str:
    """Return a digest of the files of an item."""
    files = [listed_files.VERSION, *map(listed_files.listed_file, item.files or ())]
    return _digest([*files, item.unread_files] if item.unread_files else files)


def _digest(values: list[Any]) -> str:
    return hashlib.blake2b(repr(values).encode("utf-8", "replace"), digest_size=16).hexdigest()


def kept_files(item: torbox.Torrent) -> Iterable[torbox.File]:
    """Return up to MAX_FILES files of an item, one for each id even if TorBox repeats it."""
    return islice({file.id: file for file in item.files or ()}.values(), MAX_FILES)
