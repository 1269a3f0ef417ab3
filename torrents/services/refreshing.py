"""Keep our rows like TorBox's list: when to read it, and what reading it changes.

The list is read in the background at most once per REFRESH_SECONDS and never past TorBox's cache; after our
own act one torrent by id; while somebody watches something move, all of it every WATCH_SECONDS
(docs/architecture.md#refreshing).
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from random import uniform

from django.conf import settings
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

import torbox
from accounts.clients import client_for
from accounts.models import TorBoxAccount
from accounts.services import plan_fields

from ..models import Torrent
from . import applying

logger = logging.getLogger(__name__)

LEASE_SECONDS = 180
UNREADABLE_SECONDS = 60  # a key that could not be decrypted may be readable after the next start
PLAN_HOURS = 24
UNSEEN_HOURS = 24
NOW_SECONDS = 10  # between two presses of "Refresh now", for everybody sharing the account
WATCHED_FOR = timedelta(seconds=30)


def due_account_ids() -> list[int]:
    return list(TorBoxAccount.objects.due(timezone.now()).values_list("pk", flat=True))


def watched_account_ids() -> list[int]:
    """Accounts somebody looks at while something moves, not read fresh for WATCH_SECONDS."""
    if not settings.WATCH_SECONDS:
        return []
    now = timezone.now()
    moving = Exists(Torrent.objects.moving().filter(account=OuterRef("pk")))
    stale = Q(fresh_read_at=None) | Q(fresh_read_at__lte=now - timedelta(seconds=settings.WATCH_SECONDS))
    return list(TorBoxAccount.objects.watched(now).filter(stale, moving).values_list("pk", flat=True))


def refresh_if_due(account_id: int) -> None:
    account = TorBoxAccount.objects.due(timezone.now()).filter(pk=account_id).first()
    if account:
        refresh(account)


def refresh_if_watched(account_id: int) -> None:
    if account_id in watched_account_ids():
        refresh(TorBoxAccount.objects.get(pk=account_id), fresh=True)


def refresh_now(account: TorBoxAccount) -> float:
    """One read past TorBox's cache because somebody asked; how many seconds to wait when that was just done."""
    wait = seconds_until_refreshable(account)
    if wait <= 0 and not account.needs_key:
        refresh(account, fresh=True)
    return wait


def seconds_until_refreshable(account: TorBoxAccount) -> float:
    if account.fresh_read_at is None:
        return 0
    return NOW_SECONDS - (timezone.now() - account.fresh_read_at).total_seconds()


def look(accounts: list[TorBoxAccount], *, moving: bool) -> None:
    """Somebody has the list open. Writes seldom: an open tab asks every few seconds."""
    now = timezone.now()
    for account in accounts:
        changes: dict[str, datetime] = {}
        if moving and (account.watched_until is None or account.watched_until < now + WATCHED_FOR / 2):
            changes["watched_until"] = now + WATCHED_FOR
        if account.seen_at is None or account.seen_at < now - timedelta(minutes=10):
            changes["seen_at"] = now
        if changes:
            TorBoxAccount.objects.filter(pk=account.pk).update(**changes)
        if account.refreshed_at and account.refreshed_at < now - timedelta(seconds=settings.REFRESH_SECONDS):
            account.ask_again_at(now)


def refresh(account: TorBoxAccount, *, fresh: bool = False) -> bool:
    """Read queue and list and apply them; False when somebody else is at it or TorBox gave no whole answer.

    The queue is read first: what moves from it into the list in between is then in both, never in neither.
    """
    if not account.take_lease("refresh_lease_until", LEASE_SECONDS):
        return False
    started = timezone.now()
    _set_next(account, started + timedelta(seconds=settings.REFRESH_SECONDS))
    try:
        with client_for(account) as client:
            queued = client.list_queued(fresh=fresh)
            remote = client.list_torrents(fresh=fresh)
        applying.apply(account, remote, queued, read_at=started)
    except torbox.TorBoxError as error:
        _try_later(account, error)
        return False
    else:
        _refreshed(account, started, fresh)
        _read_plan(account)
        return True
    finally:
        account.drop_lease("refresh_lease_until")


def refresh_one(torrent: Torrent) -> None:
    """Read one torrent by its id, past TorBox's cache. Being new, it may not be there yet: no news then."""
    account = torrent.account
    if torrent.remote_id is None:
        return
    try:
        with client_for(account) as client:
            remote = client.get_torrent(torrent.remote_id, fresh=True)
    except torbox.NotFound:
        applying.not_found(account, torrent)
    except torbox.TorBoxError as error:
        logger.info("Torrent %s not read: %s", torrent.pk, error.detail)
    else:
        applying.apply_one(account, remote)


def _read_plan(account: TorBoxAccount) -> None:
    """Plan, slots and expiry change seldom: asked for once a day, and no harm when there is no answer."""
    now = timezone.now()
    if account.plan_read_at and account.plan_read_at > now - timedelta(hours=PLAN_HOURS):
        return
    TorBoxAccount.objects.filter(pk=account.pk).update(plan_read_at=now)
    try:
        with client_for(account) as client:
            TorBoxAccount.objects.filter(pk=account.pk).update(**plan_fields(client.user()))
    except torbox.TorBoxError as error:
        logger.info("The plan of account %s was not read: %s", account.pk, error.detail)


def _refreshed(account: TorBoxAccount, started: datetime, fresh: bool) -> None:
    """Stamp the read and set the next one, a little spread so that accounts do not march in step."""
    unseen = account.seen_at is not None and account.seen_at < started - timedelta(hours=UNSEEN_HOURS)
    interval = settings.IDLE_REFRESH_SECONDS if unseen else settings.REFRESH_SECONDS
    stamps = {"refreshed_at": started}
    if fresh:
        stamps["fresh_read_at"] = started
    stamps["next_refresh_at"] = started + timedelta(seconds=interval * uniform(1, 1.03))
    TorBoxAccount.objects.filter(pk=account.pk).update(**stamps)


def _try_later(account: TorBoxAccount, error: torbox.TorBoxError) -> None:
    """After an outage the account's probe decides when; TorBox saying no is not asked again sooner than usual."""
    logger.warning("Account %s not refreshed: %s", account.pk, error.detail)
    if isinstance(error, torbox.Unavailable):
        _set_next(account, timezone.now())
    elif isinstance(error, torbox.AuthError):
        _set_next(account, timezone.now() + timedelta(seconds=UNREADABLE_SECONDS))
    elif isinstance(error, torbox.RateLimited) and error.retry_after:
        _set_next(account, timezone.now() + timedelta(seconds=error.retry_after))


def _set_next(account: TorBoxAccount, moment: datetime) -> None:
    TorBoxAccount.objects.filter(pk=account.pk).update(next_refresh_at=moment)
