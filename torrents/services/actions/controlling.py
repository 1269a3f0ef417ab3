"""Record operations: reannounce, pause, resume, stop seeding, start from the queue, delete. `controls` sends them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone

import torbox
from accounts.clients import client_for
from accounts.models import TorBoxAccount, User
from accounts.transactions import in_transaction, lock_accounts
from torrents import queueing
from torrents.models import Activity, Batch, ControlRequest, RequestState, Torrent, TorrentQuerySet
from torrents.models.writing import erase
from torrents.operations import DELETE
from torrents.reasons import Reason

from ..sync import refreshing


@in_transaction
def control(*, person: User, torrents: Sequence[Torrent], operation: str) -> int:
    """Record `operation` for the torrents that TorBox has, and return their number."""
    accounts, torrents = _locked(torrents)
    batch = _batch(person, torrents, operation)
    rows, absent = _split(torrents)
    earlier = ControlRequest.objects.filter(torrent__in=rows, state=RequestState.WAITING)
    earlier.exclude(operation=DELETE).delete()
    requests = [ControlRequest(torrent=row, person=person, operation=operation, batch=batch) for row in rows]
    if batch:
        failed = {
            "state": RequestState.FAILED,
            "reason": Reason.NOT_AT_TORBOX_YET,
            "batch": batch,
            "operation": operation,
        }
        requests += [ControlRequest(torrent=row, person=person, **failed) for row in absent]
    ControlRequest.objects.bulk_create(requests)
    for account, mine in _by_account(accounts, rows):
        account.write(_rows(mine), pending=operation)
        queueing.enqueue_on_commit("send_controls", account.pk)
    return len(rows)


def _split(torrents: Sequence[Torrent]) -> tuple[list[Torrent], list[Torrent]]:
    """Return the torrents that TorBox has, in its list or queue, and those that it doesn't have yet."""
    there = [row for row in torrents if row.remote_id is not None or row.queued_id is not None]
    return there, [row for row in torrents if row.remote_id is None and row.queued_id is None]


@in_transaction
def remove(*, person: User, torrents: Sequence[Torrent]) -> datetime:
    """Take torrents off the list now, and delete them from TorBox when they can no longer be restored.

    Return the time that all of them share as `removed_at`. They are restored together by it.
    """
    accounts, torrents = _locked(torrents)
    now, batch = timezone.now(), _batch(person, torrents, DELETE)
    due_at = now + timedelta(seconds=settings.UNDO_SECONDS)
    wanted = {"person": person, "operation": DELETE, "due_at": due_at, "batch": batch}
    ControlRequest.objects.filter(torrent__in=torrents, state=RequestState.WAITING).delete()
    ControlRequest.objects.bulk_create(ControlRequest(torrent=row, **wanted) for row in torrents)
    deleted = Activity.Kind.DELETED
    Activity.record_many(Activity.about(row, deleted, person=person) for row in torrents)
    for account, mine in _by_account(accounts, torrents):
        account.write(_rows(mine), removed_at=now, pending="")
        if not settings.UNDO_SECONDS:
            queueing.enqueue_on_commit("send_controls", account.pk)
    return now


@in_transaction
def restore(torrents: Sequence[Torrent]) -> int:
    """Undo deletions that haven't reached TorBox, and return their number."""
    accounts, torrents = _locked(torrents)
    waiting = ControlRequest.objects.filter(
        torrent__in=torrents, operation=DELETE, state=RequestState.WAITING
    )
    saved = {request.torrent_id for request in waiting if request.claim(expecting=RequestState.WAITING)}
    ControlRequest.objects.filter(torrent__in=saved, operation=DELETE).delete()
    Activity.objects.filter(torrent__in=saved, kind=Activity.Kind.DELETED).delete()
    for account, mine in _by_account(accounts, [row for row in torrents if row.pk in saved]):
        account.write(_rows(mine), removed_at=None)
        queueing.enqueue_on_commit("send_adds", account.pk)
    return len(saved)


@in_transaction
def clear(torrents: Sequence[Torrent]) -> None:
    """Take ended torrents off the list that are no longer on TorBox."""
    accounts, torrents = _locked(torrents)
    for account, mine in _by_account(accounts, torrents):
        erase(account, _rows(mine))


@dataclass(frozen=True)
class Everything:
    """The result of an operation on a whole account.

    `done`: TorBox has done it. Otherwise it was recorded for each of `torrents`, because TorBox didn't respond (`silent`)
    or because the person may not change all torrents of the account. A deletion is undone by its `removed_at`.
    """

    done: bool = False
    silent: bool = False
    torrents: int = 0
    removed_at: datetime | None = None


def control_everything(*, person: User, account: TorBoxAccount, operation: str) -> Everything:
    """Do `operation` to every torrent of the account that `person` may change.

    TorBox's own "all" is used only for the owner of the account: it includes torrents that are hidden from the person,
    and those that no list has shown yet. Raises `torbox.Refused` and `torbox.AuthError`.
    """
    if account.owner_id != person.pk:
        return _record_for_each(person, account, operation)
    try:
        with client_for(account, somebody_waits=True) as client:
            client.control_torrent(operation, everything=True)
            if operation == DELETE:
                client.control_queued(operation, everything=True)
    except (torbox.Unavailable, torbox.RateLimited):
        return _record_for_each(person, account, operation, silent=True)
    refreshing.refresh(account, fresh=True)
    return Everything(done=True)


def _record_for_each(
    person: User, account: TorBoxAccount, operation: str, *, silent: bool = False
) -> Everything:
    torrents = list(Torrent.objects.controllable_by(person).listed().filter(account=account))
    if operation == DELETE:
        removed_at = remove(person=person, torrents=torrents)
        return Everything(silent=silent, torrents=len(torrents), removed_at=removed_at)
    return Everything(silent=silent, torrents=control(person=person, torrents=torrents, operation=operation))


def _locked(torrents: Sequence[Torrent]) -> tuple[dict[int, TorBoxAccount], list[Torrent]]:
    """Lock the accounts of torrents, then read the torrents again: they may have changed in the meantime."""
    accounts = lock_accounts(row.account_id for row in torrents)
    return accounts, list(Torrent.objects.filter(pk__in=[row.pk for row in torrents]).defer("magnet"))


def _batch(person: User, torrents: Sequence[Torrent], operation: str) -> Batch | None:
    return Batch.objects.create(person=person, operation=operation) if torrents else None


def _by_account(
    accounts: dict[int, TorBoxAccount], torrents: Iterable[Torrent]
) -> list[tuple[TorBoxAccount, list[Torrent]]]:
    """Return each account with its torrents."""
    parts: dict[int, list[Torrent]] = {}
    for torrent in torrents:
        parts.setdefault(torrent.account_id, []).append(torrent)
    return [(accounts[key], mine) for key, mine in sorted(parts.items())]


def _rows(torrents: Iterable[Torrent]) -> TorrentQuerySet:
    return Torrent.objects.filter(pk__in=[row.pk for row in torrents])
