"""What a list read from TorBox changes in our rows; nothing here talks to TorBox.

One transaction, one revision. Rows whose digest is unchanged are not touched. A row the list lacks is *not
seen*; only its second absence, or TorBox's word about its id, makes it gone. A list that is not whole makes
nothing absent.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from datetime import datetime, timedelta
from itertools import groupby
from operator import itemgetter
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

import torbox
from accounts.models import TorBoxAccount

from ..models import Activity, AddRequest, ControlRequest, FileNames, RequestState, Torrent, TorrentFile
from ..models.file_names import folded
from ..models.inserting import insert, insert_torrents, insert_values
from ..models.torrents import LISTS_LAG
from ..states import ENDED, Status, reason_of, status_of
from .differences import (
    COPIED,
    MOST_FILES,
    UNSETTLED,
    Listed,
    files_digest,
    is_older,
    kept_files,
    newest_by_hash,
    row_digest,
)

# Two lists that lack the same torrent count as two only this far apart.
ABSENT_FOR = timedelta(seconds=60)
TOLD = {Status.DOWNLOADING, Status.STALLED, Status.READY, Status.FAILED, Status.GONE}
BATCH = 500

WRITTEN = [
    *COPIED, "remote_id", "queued_id", "name", "magnet", "status", "status_since", "raw_state", "revision", "file_count",
    "row_digest", "files_digest", "list_digest", "error", "waiting_for", "waiting_until", "waiting_place", "sent_at",
    "missing_since", "removed_at", "remote_created_at", "remote_updated_at",
]  # fmt: skip
FILE_COLUMNS = ("torrent_id", "remote_id", "path", "size", "mime_type")
LENGTHS = {"tracker": 500, "tracker_message": 500}


def apply(
    account: TorBoxAccount,
    remote: Sequence[Listed],
    queued: Sequence[torbox.Queued],
    *,
    read_at: datetime,
    whole: bool = True,
) -> int:
    """Bring the rows of the account in line with list and queue; how many rows changed.

    `whole`: the list is believed about what it lacks, too.
    """
    by_hash = newest_by_hash(remote)
    waiting = {item.info_hash: item for item in queued}
    news = {info_hash: item for info_hash, item in by_hash.items() if isinstance(item, torbox.Torrent)}
    with transaction.atomic():
        if not account.lock():
            return 0
        round_ = Round(account, read_at, [*news, *waiting])
        changed = [round_.take(item) for item in news.values() if round_.differs(item)]
        changed += [round_.take_queued(item) for item in waiting.values() if round_.is_news(item, by_hash)]
        if whole:
            changed += round_.not_seen(by_hash.keys() | waiting.keys())
        return round_.save([row for row in changed if row])


def apply_one(account: TorBoxAccount, item: torbox.Torrent) -> None:
    """Bring one row in line with TorBox's answer about its id."""
    with transaction.atomic():
        if not account.lock():
            return
        round_ = Round(account, timezone.now(), [item.info_hash])
        if round_.differs(item) and (row := round_.take(item)):
            round_.save([row])


def not_found(account: TorBoxAccount, torrent: Torrent) -> None:
    """TorBox said there is no such id. A torrent sent a moment ago may just not be there yet."""
    now = timezone.now()
    if torrent.sent_at and torrent.sent_at > now - LISTS_LAG:
        return
    with transaction.atomic():
        if not account.lock():
            return
        round_ = Round(account, now, [torrent.info_hash])
        row = round_.rows.get(torrent.info_hash)
        if row and row.status != Status.GONE:
            round_.save([round_.gone(row)])


class Round:
    """One reading of TorBox's list against the rows of one account, which is locked: adds come before or after."""

    def __init__(self, account: TorBoxAccount, read_at: datetime, info_hashes: Sequence[str]) -> None:
        self.account, self.read_at = account, read_at
        self.rows = {row.info_hash: row for row in self._read(info_hashes)}
        wishes = AddRequest.objects.filter(torrent__account=account, state__in=UNSETTLED)
        self.wishes = dict(wishes.values_list("torrent_id", "state"))
        deletions = ControlRequest.objects.filter(
            torrent__account=account, operation="delete", state__in=UNSETTLED
        )
        self.deleting = set(deletions.values_list("torrent_id", flat=True))
        self.fulfilled: list[int] = []
        self.files: dict[str, torbox.Torrent] = {}
        self.only_noted: list[Torrent] = []
        self.story: list[Activity] = []
        self.untold: set[str] = set()

    def differs(self, item: torbox.Torrent) -> bool:
        """Whether the row is new, changed, or was waiting for this sight of it."""
        row = self.rows.get(item.info_hash)
        if row is None:
            return True
        if (
            row.is_past(self.read_at, remote_id=item.id)
            or self._is_leftover(row, item)
            or is_older(row, item)
        ):
            return False
        unsettled = (
            row.missing_since or row.pk in self.wishes or (row.removed_at and row.pk not in self.deleting)
        )
        if unsettled or row.row_digest != row_digest(item) or row.files_digest != files_digest(item):
            return True
        if row.list_digest != item.digest:
            row.list_digest = item.digest
            self.only_noted.append(row)
        return False

    def take(self, item: torbox.Torrent) -> Torrent | None:
        """Copy what TorBox says onto the row, made if need be."""
        row, files = self._row(item.info_hash, item.created_at), files_digest(item)
        if row.removed_at and row.pk not in self.deleting:
            row.removed_at = None
        if row.files_digest != files and item.files is not None:
            row.files_digest, row.file_count = files, min(len(item.files), MOST_FILES)
            self.files[item.info_hash] = item
        for name in COPIED:
            value = getattr(item, name)
            setattr(row, name, value[: LENGTHS[name]] if name in LENGTHS else value)
        row.remote_id, row.queued_id, row.raw_state = item.id, None, item.state[:120]
        row.name = (
            item.name[:2000] if item.name and item.name != item.info_hash else row.name or item.name[:2000]
        )
        row.magnet = item.magnet or row.magnet
        row.row_digest, row.list_digest = row_digest(item), item.digest
        row.remote_created_at, row.remote_updated_at = item.created_at, item.updated_at
        self._set_status(row, status_of(item), reason_of(item))
        self._settle(row)
        return row

    def is_news(self, item: torbox.Queued, listed: dict[str, Any]) -> bool:
        if item.info_hash in listed or item.type != "torrent":
            return False
        row = self.rows.get(item.info_hash)
        if row is None:
            return True
        if row.is_past(self.read_at, queued_id=item.id):
            return False
        came_back = row.removed_at and row.pk not in self.deleting
        unsettled = row.missing_since or row.pk in self.wishes or came_back
        return row.queued_id != item.id or bool(unsettled)

    def take_queued(self, item: torbox.Queued) -> Torrent | None:
        """Something that waits in TorBox's queue, under an id of another kind."""
        row = self._row(item.info_hash, item.created_at)
        if row.removed_at and row.pk not in self.deleting:
            row.removed_at = None
        row.queued_id, row.remote_id = item.id, None
        row.name, row.magnet = row.name or item.name[:2000], item.magnet or row.magnet
        self._set_status(row, Status.QUEUED, "")
        self._settle(row)
        return row

    def not_seen(self, seen: Set[str]) -> list[Torrent | None]:
        """What list and queue lack. `seen`: the info hashes they hold."""
        at_torbox = Q(remote_id__isnull=False) | Q(queued_id__isnull=False) | Q(status=Status.QUEUED)
        rows = Torrent.objects.listed().filter(at_torbox, account=self.account)
        missing = [one for one in rows.values_list("info_hash", flat=True) if one not in seen]
        return [self._absent(row) for row in self._read(missing) if self._is_absent(row)]

    def gone(self, row: Torrent) -> Torrent:
        self._set_status(row, Status.GONE, "")
        row.remote_id = row.queued_id = None
        row.row_digest = ""
        return row

    def save(self, changed: list[Torrent]) -> int:
        """Write what changed, with one new revision for all of it."""
        self._write(self.only_noted, ["list_digest"])
        if not changed:
            return 0
        revision = self.account.next_revision()
        for row in changed:
            row.revision = revision
        new = [row for row in changed if row.pk is None]
        old = [row for row in changed if row.pk is not None]
        insert_torrents(new)
        self._write(old, WRITTEN)
        self._save_files()
        for start in range(0, len(self.fulfilled), BATCH):
            piece = self.fulfilled[start : start + BATCH]
            AddRequest.objects.filter(torrent__in=piece).update(state=RequestState.DONE, claimed_at=None)
        insert(self.story)
        return len(changed)

    def _read(self, info_hashes: Sequence[str]) -> Iterator[Torrent]:
        rows = Torrent.objects.filter(account=self.account)
        for start in range(0, len(info_hashes), BATCH):
            yield from rows.filter(info_hash__in=info_hashes[start : start + BATCH])

    def _row(self, info_hash: str, created_at: datetime | None) -> Torrent:
        """The row for this hash; one that came from elsewhere is new to us and has no story to tell yet."""
        if info_hash not in self.rows:
            self.untold.add(info_hash)
            self.rows[info_hash] = Torrent(
                account=self.account,
                info_hash=info_hash,
                added_at=created_at or self.read_at,
                status_since=created_at or self.read_at,
                sent_at=created_at,
            )
        return self.rows[info_hash]

    def _is_leftover(self, row: Torrent, item: torbox.Torrent) -> bool:
        """A torrent that is to be sent again is still listed in the state it ended in: not an answer yet."""
        waiting = self.wishes.get(row.pk) in (RequestState.WAITING, RequestState.SENDING)
        return waiting and status_of(item) in ENDED

    def _set_status(self, row: Torrent, status: Status, sentence: str) -> None:
        row.error = sentence[:500] if status == Status.FAILED else ""
        row.waiting_for, row.waiting_until, row.waiting_place = "", None, None
        if row.status == status and row.pk:
            return
        row.status, row.status_since = status, row.status_since if row.pk is None else self.read_at
        if status in TOLD and row.info_hash not in self.untold:
            self.story.append(Activity.about(row, status, detail=row.error))

    def _settle(self, row: Torrent) -> None:
        """TorBox has it: a wish that was waiting or unsure is fulfilled; the sender ends one it is sending."""
        row.missing_since = None
        if self.wishes.get(row.pk) in (RequestState.WAITING, RequestState.UNSURE):
            self.fulfilled.append(row.pk)
            row.sent_at = row.sent_at or self.read_at
            self.story.append(Activity.about(row, Activity.Kind.SENT, detail="Found in TorBox’s list."))

    def _is_absent(self, row: Torrent) -> bool:
        at_torbox = row.remote_id is not None or row.queued_id is not None or row.status == Status.QUEUED
        young = row.sent_at is not None and row.sent_at > self.read_at - LISTS_LAG
        ended = row.removed_at or row.status == Status.GONE or row.pk in self.wishes
        return at_torbox and not young and not ended

    def _absent(self, row: Torrent) -> Torrent | None:
        if row.missing_since is None:
            row.missing_since = self.read_at
            return row
        # What leaves the queue may be in neither list for a while.
        patience = LISTS_LAG if row.remote_id is None else ABSENT_FOR
        return self.gone(row) if row.missing_since <= self.read_at - patience else None

    def _write(self, rows: list[Torrent], fields: Sequence[str]) -> None:
        # As bulk_update, but without a CASE for every field and row: that held the lock for seconds.
        Torrent.objects.bulk_create(
            rows, batch_size=BATCH, update_conflicts=True, unique_fields=["id"], update_fields=fields
        )

    def _save_files(self) -> None:
        """Rewrite the files of the torrents whose list of files changed."""
        rows = [self.rows[info_hash] for info_hash in self.files]
        for start in range(0, len(rows), BATCH):
            self._save_files_of(rows[start : start + BATCH])

    def _save_files_of(self, rows: list[Torrent]) -> None:
        for model in (TorrentFile, FileNames):
            model.objects.filter(torrent__in=rows).delete()
        # A large account has some hundred thousand files; as model instances they were most of a first reading.
        values = [file for row in rows for file in _files(row, self.files[row.info_hash])]
        insert_values(TorrentFile._meta.db_table, FILE_COLUMNS, values)
        names = groupby(values, key=itemgetter(0))
        texts = [(pk, folded(path for _, _, path, *_ in files)) for pk, files in names]
        insert_values(FileNames._meta.db_table, ("torrent_id", "text"), texts)


def _files(row: Torrent, item: torbox.Torrent) -> Iterator[tuple[int, int, str, int, str]]:
    """Its files as the values of FILE_COLUMNS."""
    for file in kept_files(item):
        yield row.pk, file.id, file.path[:4000], file.size, file.mime_type[:120]
