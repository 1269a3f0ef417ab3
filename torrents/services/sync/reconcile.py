"""Bring our rows in line with a list from TorBox. Nothing here talks to TorBox.

This takes one transaction and one revision. Rows with an unchanged digest aren't touched. A row that the list lacks is
*not seen*. It is gone when a second list lacks it, or when TorBox doesn't know its id. An incomplete list doesn't count.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q
from django.utils import timezone

import torbox
from accounts.deadlines import is_recent
from accounts.models import TorBoxAccount
from accounts.transactions import in_transaction
from torbox.sanitize import is_blank
from torrents.models import Activity, AddRequest, ControlRequest, RequestState, Torrent
from torrents.models.torrents import LISTS_LAG
from torrents.models.writing import write_digests, write_rows
from torrents.reasons import NO_REASON, Explanation
from torrents.states import ENDED, Status, status_of, why_ended

from . import edit_overlay
from .change_detection import (
    MAX_FILES,
    UNSETTLED,
    Listed,
    Reading,
    files_digest,
    has_new_date,
    is_older,
    known_digest,
    newest_by_hash,
    row_digest,
)
from .file_lists import replace_files
from .odd_rows import LeftOut

# Lists that lack a torrent count as two if they are at least this far apart.
ABSENT_FOR = timedelta(seconds=60)
RECORDED = {Status.DOWNLOADING, Status.STALLED, Status.READY, Status.FAILED, Status.GONE}
BATCH = 500
NOTHING_LEFT_OUT = LeftOut()
NOT_AT_TORBOX = {Status.WAITING, Status.QUEUED, Status.GONE}


@in_transaction
def apply(
    account: TorBoxAccount,
    remote: Sequence[Listed | torbox.Unreadable],
    queued: Sequence[torbox.Queued | torbox.Unreadable],
    reading: Reading,
    *,
    whole: bool = True,
    left_out: LeftOut = NOTHING_LEFT_OUT,
) -> int:
    """Bring the rows of the account in line with list and queue, and return how many rows changed.

    `whole`: the list is complete, so what it lacks counts, except for torrents that may be among `left_out`.
    """
    by_hash = newest_by_hash(item for item in remote if not isinstance(item, torbox.Unreadable))
    waiting = {item.info_hash: item for item in queued if not isinstance(item, torbox.Unreadable)}
    news = {info_hash: item for info_hash, item in by_hash.items() if isinstance(item, torbox.Torrent)}
    if not account.lock():
        return 0
    reconciliation = Reconciliation(account, reading, [*news, *waiting])
    changed = [reconciliation.update(item) for item in news.values() if reconciliation.differs(item)]
    changed += [
        reconciliation.update_queued(item)
        for item in waiting.values()
        if reconciliation.is_news(item, by_hash)
    ]
    if whole:
        changed += reconciliation.not_seen(by_hash.keys() | waiting.keys(), left_out)
    return reconciliation.save([row for row in changed if row])


@in_transaction
def apply_one(account: TorBoxAccount, item: torbox.Torrent, read_at: datetime) -> None:
    """Bring one row in line with TorBox's response for its id, requested at `read_at` past the cache."""
    if not account.lock():
        return
    reconciliation = Reconciliation(account, Reading(read_at, past_cache=True), [item.info_hash])
    if reconciliation.differs(item) and (row := reconciliation.update(item)):
        reconciliation.save([row])
    rows = Torrent.objects.filter(account=account, info_hash=item.info_hash, remote_id=item.id)
    rows.update(fresh_read_at=read_at)


@in_transaction
def not_found(account: TorBoxAccount, torrent: Torrent) -> None:
    """Handle that TorBox doesn't know the id. It may take a moment until it knows a torrent that was just sent."""
    now = timezone.now()
    if is_recent(torrent.sent_at, LISTS_LAG, now):
        return
    if not account.lock():
        return
    reconciliation = Reconciliation(account, Reading(now, past_cache=True), [torrent.info_hash])
    row = reconciliation.rows.get(torrent.info_hash)
    if row and row.status != Status.GONE:
        reconciliation.save([reconciliation.gone(row)])


class Reconciliation:
    """One reading of TorBox's list, compared with the rows of one account. The account is locked, so no add interferes."""

    def __init__(self, account: TorBoxAccount, reading: Reading, info_hashes: Sequence[str]) -> None:
        self.account, self.reading, self.read_at = account, reading, reading.at
        self.rows = {row.info_hash: row for row in self._read(info_hashes)}
        requests = AddRequest.objects.filter(torrent__account=account, state__in=UNSETTLED)
        self.requests = dict(requests.values_list("torrent_id", "state"))
        deletions = ControlRequest.objects.filter(
            torrent__account=account, operation="delete", state__in=UNSETTLED
        )
        self.edits = edit_overlay.of_account(account, reading)
        self.deleting = set(deletions.values_list("torrent_id", flat=True))
        self.fulfilled: list[int] = []
        self.files: dict[str, torbox.Torrent] = {}
        self.only_noted: list[Torrent] = []
        self.events: list[Activity] = []
        self.without_events: set[str] = set()

    def differs(self, item: torbox.Torrent) -> bool:
        """Return whether the row is new or changed, or was waiting to be seen in a list."""
        row = self.rows.get(item.info_hash)
        if row is None:
            return True
        if (
            row.is_past(self.read_at, remote_id=item.id)
            or self._is_leftover(row, item)
            or is_older(row, item, self.reading)
        ):
            return False
        unsettled = (
            row.missing_since or row.pk in self.requests or (row.removed_at and row.pk not in self.deleting)
        )
        if unsettled or row.row_digest != row_digest(item) or row.files_digest != files_digest(item):
            return True
        if has_new_date(row, self.reading):
            return True
        if row.list_digest != known_digest(item):
            row.list_digest = known_digest(item)
            self.only_noted.append(row)
        return False

    def update(self, item: torbox.Torrent) -> Torrent | None:
        """Copy what TorBox says to the row, which is created if it doesn't exist."""
        row, files = self._row(item.info_hash, item.created_at), files_digest(item)
        if row.removed_at and row.pk not in self.deleting:
            row.removed_at = None
            edit_overlay.drop(row, self.edits)
        if row.files_digest != files and item.files is not None:
            row.files_digest = files
            row.file_count = min(len(item.files) + item.unread_files, MAX_FILES)
            self.files[item.info_hash] = item
        row.copy_from(item)
        row.remote_id, row.queued_id = item.id, None
        known = "" if is_blank(row.name) else row.name
        row.set_name(item.name if item.name and item.name != item.info_hash else known or item.name)
        row.magnet = item.magnet or row.magnet
        row.row_digest, row.list_digest = row_digest(item), known_digest(item)
        if row.pk in self.edits or row.edit_pending:
            edit_overlay.show_over(item, row, self.edits.get(row.pk, ()))
        row.remote_created_at, row.remote_updated_at = item.created_at, item.updated_at
        row.unread = ",".join(item.unread)[:300]
        undecided = Status(row.status) if row.pk and row.status not in NOT_AT_TORBOX else Status.WORKING
        status = status_of(item, undecided)
        self._set_status(row, status, why_ended(item) if status == Status.FAILED else NO_REASON)
        self._settle(row)
        return row

    def is_news(self, item: torbox.Queued, listed: dict[str, Any]) -> bool:
        """Return whether a queued item changes its row."""
        if item.info_hash in listed or item.type != "torrent":
            return False
        row = self.rows.get(item.info_hash)
        if row is None:
            return True
        if row.is_past(self.read_at, queued_id=item.id):
            return False
        came_back = row.removed_at and row.pk not in self.deleting
        unsettled = row.missing_since or row.pk in self.requests or came_back
        return row.queued_id != item.id or bool(unsettled)

    def update_queued(self, item: torbox.Queued) -> Torrent | None:
        """Copy an item of TorBox's queue, which has ids of its own, to the row."""
        row = self._row(item.info_hash, item.created_at)
        if row.removed_at and row.pk not in self.deleting:
            row.removed_at = None
            edit_overlay.drop(row, self.edits)
        row.queued_id, row.remote_id = item.id, None
        row.set_name(row.name or item.name)
        row.magnet = item.magnet or row.magnet
        self._set_status(row, Status.QUEUED)
        self._settle(row)
        return row

    def not_seen(self, seen: Set[str], left_out: LeftOut) -> list[Torrent | None]:
        """Mark rows as missing or gone that list and queue lack.

        `seen`: the info hashes in them. `left_out`: their unreadable rows.
        """
        at_torbox = Q(remote_id__isnull=False) | Q(queued_id__isnull=False) | Q(status=Status.QUEUED)
        rows = Torrent.objects.listed().filter(at_torbox, account=self.account)
        missing = [one for one in rows.values_list("info_hash", flat=True) if one not in seen]
        absent = [row for row in self._read(missing) if self._is_absent(row) and not left_out.may_hold(row)]
        return [self._absent(row) for row in absent]

    def gone(self, row: Torrent) -> Torrent:
        """Mark a row as gone."""
        self._set_status(row, Status.GONE)
        row.remote_id = row.queued_id = None
        row.row_digest, row.active = "", False
        return row

    def save(self, changed: list[Torrent]) -> int:
        """Write the changed rows under one new revision, and return their number."""
        write_digests(self.only_noted)
        if not changed:
            return 0
        for row in changed:
            row.settle_removal(self.reading.known_at)
        write_rows(self.account, changed)
        replace_files([(self.rows[info_hash], item) for info_hash, item in self.files.items()])
        for start in range(0, len(self.fulfilled), BATCH):
            piece = self.fulfilled[start : start + BATCH]
            AddRequest.objects.filter(torrent__in=piece).update(state=RequestState.DONE, claimed_at=None)
        Activity.record_many(self.events)
        return len(changed)

    def _read(self, info_hashes: Sequence[str]) -> Iterator[Torrent]:
        rows = Torrent.objects.filter(account=self.account)
        for start in range(0, len(info_hashes), BATCH):
            yield from rows.filter(info_hash__in=info_hashes[start : start + BATCH])

    def _row(self, info_hash: str, created_at: datetime | None) -> Torrent:
        """Return the row for this hash. Create it if the torrent wasn't added here; then nothing is recorded about it."""
        if info_hash not in self.rows:
            self.without_events.add(info_hash)
            self.rows[info_hash] = Torrent(
                account=self.account,
                info_hash=info_hash,
                added_at=created_at or self.read_at,
                status_since=created_at or self.read_at,
                sent_at=created_at,
            )
        return self.rows[info_hash]

    def _is_leftover(self, row: Torrent, item: torbox.Torrent) -> bool:
        """Return whether a torrent that is about to be sent again is still listed with its old status."""
        waiting = self.requests.get(row.pk) in (RequestState.WAITING, RequestState.SENDING)
        return waiting and status_of(item, undecided=Status.GONE) in ENDED

    def _set_status(self, row: Torrent, status: Status, why: Explanation = NO_REASON) -> None:
        row.explain(why)
        row.waiting_until = row.waiting_place = None
        if row.status == status and row.pk:
            return
        row.status, row.status_since = status, row.status_since if row.pk is None else self.read_at
        if status in RECORDED and row.info_hash not in self.without_events:
            said = why.upstream_detail
            self.events.append(
                Activity.about(row, status, code=why.reason, params=why.params, upstream_detail=said)
            )

    def _settle(self, row: Torrent) -> None:
        """End a waiting or unsure request, because TorBox has the torrent. The sender ends one that is being sent."""
        row.missing_since = None
        if self.requests.get(row.pk) in (RequestState.WAITING, RequestState.UNSURE):
            self.fulfilled.append(row.pk)
            row.sent_at = row.sent_at or self.read_at
            self.events.append(Activity.about(row, Activity.Kind.SENT, code="found"))

    def _is_absent(self, row: Torrent) -> bool:
        at_torbox = row.remote_id is not None or row.queued_id is not None or row.status == Status.QUEUED
        young = is_recent(row.sent_at, LISTS_LAG, self.read_at)
        ended = row.removed_at or row.status == Status.GONE or row.pk in self.requests
        return at_torbox and not young and not ended

    def _absent(self, row: Torrent) -> Torrent | None:
        if row.missing_since is None or row.missing_since > self.read_at:
            row.missing_since = self.read_at
            return row
        # A torrent that leaves the queue may be in neither list for a while.
        patience = LISTS_LAG if row.remote_id is None else ABSENT_FOR
        return self.gone(row) if row.missing_since <= self.read_at - patience else None
