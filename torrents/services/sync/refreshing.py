"""Keep our rows in line with TorBox's list: when to read it, and what to do with it.

In the background, the list is read at most once per REFRESH_SECONDS, and never past TorBox's cache. After an operation,
one torrent is read by id. While someone watches torrents move, everything is read every WATCH_SECONDS
(docs/architecture.md#refreshing).
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from random import uniform
from typing import Any

from django.conf import settings
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

import torbox
from accounts.bookkeeping import write_if_possible
from accounts.clients import client_for
from accounts.deadlines import is_ahead, is_recent, long_ago
from accounts.leases import Lease
from accounts.models import TorBoxAccount, TorBoxAccountQuerySet
from accounts.models.torbox_accounts import MAX_PAUSE, REFRESH_SPREAD, WATCHED_FOR
from accounts.rate_limits import PAUSE_SECONDS, Throttled
from accounts.services import plan_fields
from torrents import queueing
from torrents.models import Torrent

from . import change_detection, odd_rows, reconcile, slots

logger = logging.getLogger(__name__)

DOUBTED_FROM, ASKED_FOR = 10, 3  # torrents
BATCH_SIZE = 100  # accounts that beat hands to the workers at once, the longest due first
LATE_SECONDS = 60
UNREADABLE_SECONDS = 60  # a key that can't be decrypted may be readable after a restart
PLAN_HOURS = 24
UNSEEN_HOURS = 24
NOW_SECONDS = 10  # between two presses of "Refresh now", by anyone with access to the account
SEEN_EVERY = timedelta(minutes=10)
Read = torbox.Torrent | torbox.Unchanged | torbox.Unreadable


class AnotherAccount(torbox.Refused):
    """TorBox returned torrents of another account. They were ignored."""


def due_account_ids() -> list[int]:
    """Return the accounts that are due for a refresh."""
    due = TorBoxAccount.objects.due(timezone.now()).order_by("next_refresh_at")
    return list(due.values_list("pk", flat=True)[:BATCH_SIZE])


def watched_account_ids() -> list[int]:
    """Return the accounts that someone is watching, and that are due for a fresh reading."""
    return list(_watched().values_list("pk", flat=True))


def _watched() -> TorBoxAccountQuerySet:
    """Return accounts that someone watches while something moves, not read fresh for WATCH_SECONDS."""
    if not settings.WATCH_SECONDS:
        return TorBoxAccount.objects.none()
    now = timezone.now()
    stale = Q(fresh_read_at=None) | long_ago("fresh_read_at", timedelta(seconds=settings.WATCH_SECONDS), now)
    return TorBoxAccount.objects.watched(now).filter(stale, moves())


def look_is_due(watched_until: datetime | None) -> bool:
    """Return whether an account where something moves must be marked as watched again by `look`."""
    now = timezone.now()
    kept = watched_until is not None and watched_until >= now + WATCHED_FOR / 2
    return not (kept and is_ahead(watched_until, WATCHED_FOR, now))


def moves() -> Exists:
    """Return a condition on accounts: something on them makes progress."""
    return Exists(Torrent.objects.moving().filter(account=OuterRef("pk")))


def refresh_if_due(account_id: int) -> None:
    """Refresh an account if it is still due."""
    due = TorBoxAccount.objects.due(timezone.now())
    if account := due.filter(pk=account_id).first():
        refresh(account, fresh=account.fresh_wanted, among=due)


def refresh_if_watched(account_id: int) -> None:
    """Read an account past TorBox's cache if it is still watched."""
    watched = _watched()
    if account := watched.filter(pk=account_id).first():
        refresh(account, fresh=True, among=watched)


def refresh_now(account: TorBoxAccount) -> float:
    """Request a reading past TorBox's cache. Return the seconds to wait if there was one just now.

    During an outage it also probes TorBox.
    """
    now = timezone.now()
    rested = Q(asked_at=None) | long_ago("asked_at", timedelta(seconds=NOW_SECONDS), now)
    mine = TorBoxAccount.objects.filter(rested, pk=account.pk)
    if not account.needs_key and mine.update(
        asked_at=now, fresh_wanted=True, next_refresh_at=now, probe_at=None
    ):
        queueing.enqueue_on_commit("refresh_account", account.pk)
        account.refresh_from_db()
        return 0
    account.refresh_from_db(fields=["asked_at"])
    return seconds_until_refreshable(account)


def seconds_until_refreshable(account: TorBoxAccount) -> float:
    """Return the seconds until `refresh_now` may be called again."""
    now, pause = timezone.now(), timedelta(seconds=NOW_SECONDS)
    recent = [at for at in (account.asked_at, account.fresh_read_at) if at and is_recent(at, pause, now)]
    return min(NOW_SECONDS, (max(recent) + pause - now).total_seconds()) if recent else 0


def look(accounts: list[TorBoxAccount], *, moving: bool) -> None:
    """Record that someone has the list open, if the database can be written. Writes rarely: open tabs ask often."""
    now = timezone.now()
    for account in accounts:
        changes: dict[str, datetime] = {}
        if moving and look_is_due(account.watched_until):
            changes["watched_until"] = now + WATCHED_FOR
        if not is_recent(account.seen_at, SEEN_EVERY, now):
            changes["seen_at"] = now
        if changes:
            write_if_possible(partial(TorBoxAccount.objects.filter(pk=account.pk).update, **changes))
        old = account.refreshed_at and account.refreshed_at < now - timedelta(
            seconds=settings.REFRESH_SECONDS
        )
        if old and account.next_refresh_at > now:
            write_if_possible(partial(account.ask_again_at, now))


def refresh(
    account: TorBoxAccount, *, fresh: bool = False, among: TorBoxAccountQuerySet | None = None
) -> bool:
    """Read queue and list, and apply them. Return False if another worker is at it, or if TorBox didn't respond.

    The queue is read first. A torrent that moves to the list in between is then in both, never in neither.
    `among`: do this only if the account is still one of these.
    """
    lease = account.take_lease("refresh", among)
    if lease is None:
        return False
    started = timezone.now()
    _set_next(account, started + timedelta(seconds=settings.LEASE_SECONDS))  # in case this worker dies
    TorBoxAccount.objects.filter(pk=account.pk, fresh_wanted=True).update(fresh_wanted=not fresh)
    account.refresh_from_db(fields=["fresh_read_at"])
    try:
        unread = _read_and_apply(account, lease, started, fresh)
    except torbox.TorBoxError as error:
        _try_later(account, error)
        return False
    else:
        _refreshed(account, started, fresh, unread)
        slots.wake_for_slot(account)
        _read_plan(account)
        return True
    finally:
        lease.drop()


def _read_and_apply(account: TorBoxAccount, lease: Lease, started: datetime, fresh: bool) -> dict[str, Any]:
    """Read and apply the list. Return what to store about rows that couldn't be read."""
    with client_for(account, reads_list=True) as client:
        queued = client.list_queued(fresh=fresh)
        remote = client.list_changes(
            change_detection.known_digests(account), fresh=fresh, before_page=lease.renew
        )
        whole = len(remote) < torbox.MAX_ROWS and not _has_lost_most(account, client, remote)
    refuse_another_list(account, remote)
    lease.renew()
    reading = change_detection.Reading(started, past_cache=fresh, fresh_before=account.fresh_read_at)
    left_out = odd_rows.LeftOut.of(remote, queued)
    reconcile.apply(account, remote, queued, reading, whole=whole, left_out=left_out)
    return odd_rows.account_fields([*remote, *queued])


def refuse_another_list(account: TorBoxAccount, remote: Sequence[Read]) -> None:
    """Raise `AnotherAccount` if a row belongs to a different TorBox account than the key."""
    theirs = {item.auth_id for item in remote if isinstance(item, torbox.Torrent) and item.auth_id}
    if account.auth_id and theirs - {account.auth_id}:
        raise AnotherAccount(note="The list belongs to another TorBox account.")


def _has_lost_most(account: TorBoxAccount, client: torbox.Client, remote: Sequence[Read]) -> bool:
    """Return whether the list suddenly lacks most known torrents while TorBox still knows one of them by id."""
    known = Torrent.objects.at_torbox().filter(account=account, missing_since=None)
    if known.count() < DOUBTED_FROM or len(remote) * 2 >= known.count():
        return False
    listed = {item.id for item in remote}
    missing = [pk for pk in known.values_list("remote_id", flat=True) if pk is not None and pk not in listed]
    for remote_id in missing[:ASKED_FOR]:
        try:
            client.get_torrent(remote_id, fresh=True)
        except torbox.NotFound:
            continue
        logger.warning("The list of account %s lacks torrents that TorBox still has.", account.pk)
        return True
    return False


def refresh_one(torrent: Torrent, *, somebody_waits: bool = False) -> None:
    """Read one torrent by its id, past TorBox's cache. A new one may not be there yet.

    Raises `torbox.TorBoxError` if `somebody_waits` for it.
    """
    account = TorBoxAccount.objects.filter(pk=torrent.account_id).first()
    if account is None or torrent.remote_id is None:
        return
    started = timezone.now()
    try:
        with client_for(account, somebody_waits=somebody_waits) as client:
            remote = client.get_torrent(torrent.remote_id, fresh=True)
        refuse_another_list(account, [remote])
    except torbox.NotFound:
        reconcile.not_found(account, torrent)
    except torbox.TorBoxError as error:
        if somebody_waits:
            raise
        logger.info("Torrent %s wasn't read: %s", torrent.pk, error)
    else:
        reconcile.apply_one(account, remote, started)


def _read_plan(account: TorBoxAccount) -> None:
    """Read plan, slots, and expiry, which rarely change: once a day, and without them if TorBox doesn't respond."""
    now = timezone.now()
    if is_recent(account.plan_read_at, timedelta(hours=PLAN_HOURS), now):
        return
    TorBoxAccount.objects.filter(pk=account.pk).update(plan_read_at=now)
    try:
        with client_for(account) as client:
            TorBoxAccount.objects.filter(pk=account.pk).update(**plan_fields(client.user()))
    except torbox.TorBoxError as error:
        logger.info("The plan of account %s wasn't read: %s", account.pk, error)


def _refreshed(account: TorBoxAccount, started: datetime, fresh: bool, unread: dict[str, Any]) -> None:
    """Record the reading and schedule the next one, spread so that accounts aren't all due at once."""
    seen = is_recent(account.seen_at or account.created_at, timedelta(hours=UNSEEN_HOURS), started)
    interval = settings.REFRESH_SECONDS if seen else settings.IDLE_REFRESH_SECONDS
    # After a standstill all are due at once. A wide spread keeps them from staying together.
    late = (started - account.next_refresh_at).total_seconds() > LATE_SECONDS
    next_at = started + timedelta(seconds=interval * uniform(1, REFRESH_SPREAD if late else 1.03))
    stamps = unread | {"refreshed_at": started, "next_refresh_at": next_at}
    if fresh:
        stamps["fresh_read_at"] = started
    TorBoxAccount.objects.filter(pk=account.pk).update(**stamps)
    if account.health in (account.Health.LIMITED, account.Health.ANOTHER):
        account.mark_health(account.Health.OK)


def _try_later(account: TorBoxAccount, error: torbox.TorBoxError) -> None:
    """Schedule the next reading after an error. During an outage, probes decide when TorBox is asked again."""
    level = logging.DEBUG if isinstance(error, Throttled) else logging.WARNING
    logger.log(level, "Account %s wasn't refreshed: %s", account.pk, error)
    now = timezone.now()
    if isinstance(error, torbox.Unavailable):
        _set_next(account, now)
    elif isinstance(error, torbox.AuthError):
        _set_next(account, now + timedelta(seconds=UNREADABLE_SECONDS))
    elif isinstance(error, torbox.RateLimited):
        pause = timedelta(seconds=error.retry_after or PAUSE_SECONDS)
        _set_next(account, now + min(pause, MAX_PAUSE))
    else:
        _set_next(account, now + timedelta(seconds=settings.REFRESH_SECONDS))
        if isinstance(error, AnotherAccount):
            account.mark_health(account.Health.ANOTHER)
        else:
            account.mark_health(account.Health.LIMITED, upstream_detail=error.detail)


def _set_next(account: TorBoxAccount, moment: datetime) -> None:
    TorBoxAccount.objects.filter(pk=account.pk).update(next_refresh_at=moment)
