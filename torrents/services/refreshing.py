"""Keep our rows like TorBox's list: when to read it, and what reading it changes.

The list is read in the background at most once per REFRESH_SECONDS and never past TorBox's cache; after our
own act one torrent by id; while somebody watches something move, all of it every WATCH_SECONDS
(docs/architecture.md#refreshing).
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from random import uniform

from django.conf import settings
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

import torbox
from accounts.calls import PAUSE_SECONDS, HeldBack
from accounts.clients import client_for
from accounts.models import Lease, TorBoxAccount, TorBoxAccountQuerySet
from accounts.services import plan_fields

from .. import tasks
from ..models import Torrent
from . import applying, differences, waiting

logger = logging.getLogger(__name__)

DOUBTED_FROM, ASKED_FOR = 10, 3  # torrents
AT_ONCE = 100  # accounts that one beat hands to the workers, the longest due first
LATE_SECONDS = 60
UNREADABLE_SECONDS = 60  # a key that could not be decrypted may be readable after the next start
PLAN_HOURS = 24
UNSEEN_HOURS = 24
NOW_SECONDS = 10  # between two presses of "Refresh now", for everybody sharing the account
WATCHED_FOR = timedelta(seconds=30)


def due_account_ids() -> list[int]:
    due = TorBoxAccount.objects.due(timezone.now()).order_by("next_refresh_at")
    return list(due.values_list("pk", flat=True)[:AT_ONCE])


def watched_account_ids() -> list[int]:
    return list(_watched().values_list("pk", flat=True))


def _watched() -> TorBoxAccountQuerySet:
    """Accounts somebody looks at while something moves, not read fresh for WATCH_SECONDS."""
    if not settings.WATCH_SECONDS:
        return TorBoxAccount.objects.none()
    now = timezone.now()
    stale = Q(fresh_read_at=None) | Q(fresh_read_at__lte=now - timedelta(seconds=settings.WATCH_SECONDS))
    return TorBoxAccount.objects.watched(now).filter(stale, moves())


def look_is_due(watched_until: datetime | None) -> bool:
    """Whether an account where something moves is soon watched no longer unless `look` says so."""
    return watched_until is None or watched_until < timezone.now() + WATCHED_FOR / 2


def moves() -> Exists:
    return Exists(Torrent.objects.moving().filter(account=OuterRef("pk")))


def refresh_if_due(account_id: int) -> None:
    due = TorBoxAccount.objects.due(timezone.now())
    if account := due.filter(pk=account_id).first():
        refresh(account, fresh=account.fresh_wanted, among=due)


def refresh_if_watched(account_id: int) -> None:
    watched = _watched()
    if account := watched.filter(pk=account_id).first():
        refresh(account, fresh=True, among=watched)


def refresh_now(account: TorBoxAccount) -> float:
    """Wish for one read past TorBox's cache; how many seconds to wait when somebody wished for it just now.

    During an outage it is a probe as well.
    """
    now = timezone.now()
    rested = Q(asked_at=None) | Q(asked_at__lte=now - timedelta(seconds=NOW_SECONDS))
    mine = TorBoxAccount.objects.filter(rested, pk=account.pk)
    if not account.needs_key and mine.update(
        asked_at=now, fresh_wanted=True, next_refresh_at=now, probe_at=None
    ):
        tasks.hint(tasks.refresh_account, account.pk)
        account.refresh_from_db()
        return 0
    account.refresh_from_db(fields=["asked_at"])
    return seconds_until_refreshable(account)


def seconds_until_refreshable(account: TorBoxAccount) -> float:
    last = max((at for at in (account.asked_at, account.fresh_read_at) if at), default=None)
    return NOW_SECONDS - (timezone.now() - last).total_seconds() if last else 0


def look(accounts: list[TorBoxAccount], *, moving: bool) -> None:
    """Somebody has the list open. Writes seldom: an open tab asks every few seconds."""
    now = timezone.now()
    for account in accounts:
        changes: dict[str, datetime] = {}
        if moving and look_is_due(account.watched_until):
            changes["watched_until"] = now + WATCHED_FOR
        if account.seen_at is None or account.seen_at < now - timedelta(minutes=10):
            changes["seen_at"] = now
        if changes:
            TorBoxAccount.objects.filter(pk=account.pk).update(**changes)
        if account.refreshed_at and account.refreshed_at < now - timedelta(seconds=settings.REFRESH_SECONDS):
            account.ask_again_at(now)


def refresh(
    account: TorBoxAccount, *, fresh: bool = False, among: TorBoxAccountQuerySet | None = None
) -> bool:
    """Read queue and list and apply them; False when somebody else is at it or TorBox gave no whole answer.

    The queue is read first: what moves from it into the list in between is then in both, never in neither.
    `among`: only if the account is still one of these.
    """
    lease = account.take_lease("refresh", among)
    if lease is None:
        return False
    started = timezone.now()
    _set_next(account, started + timedelta(seconds=settings.LEASE_SECONDS))  # should this worker die
    TorBoxAccount.objects.filter(pk=account.pk, fresh_wanted=True).update(fresh_wanted=not fresh)
    try:
        _read_and_apply(account, lease, started, fresh)
    except torbox.TorBoxError as error:
        _try_later(account, error)
        return False
    else:
        _refreshed(account, started, fresh)
        waiting.wake_for_slot(account)
        _read_plan(account)
        return True
    finally:
        lease.drop()


def _read_and_apply(account: TorBoxAccount, lease: Lease, started: datetime, fresh: bool) -> None:
    with client_for(account, reads_list=True) as client:
        queued = client.list_queued(fresh=fresh)
        remote = client.list_changes(differences.noted(account), fresh=fresh, before_page=lease.renew)
        whole = len(remote) < torbox.MAX_ROWS and not _has_lost_most(account, client, remote)
    lease.renew()
    applying.apply(account, remote, queued, read_at=started, whole=whole)


def _has_lost_most(
    account: TorBoxAccount, client: torbox.Client, remote: Sequence[differences.Listed]
) -> bool:
    """A list that suddenly lacks most of what we know is believed only when TorBox lacks those by id as well."""
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
    """Read one torrent by its id, past TorBox's cache. Being new, it may not be there yet: no news then.

    Raises `torbox.TorBoxError` when `somebody_waits` for it.
    """
    account = TorBoxAccount.objects.filter(pk=torrent.account_id).first()
    if account is None or torrent.remote_id is None:
        return
    try:
        with client_for(account, somebody_waits=somebody_waits) as client:
            remote = client.get_torrent(torrent.remote_id, fresh=True)
    except torbox.NotFound:
        applying.not_found(account, torrent)
    except torbox.TorBoxError as error:
        if somebody_waits:
            raise
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
    """Stamp the read and set the next one, spread so that accounts do not march in step."""
    seen = account.seen_at or account.created_at
    unseen = seen < started - timedelta(hours=UNSEEN_HOURS)
    interval = settings.IDLE_REFRESH_SECONDS if unseen else settings.REFRESH_SECONDS
    # After a standstill all are due at once; a wide spread keeps them from coming together ever after.
    late = (started - account.next_refresh_at).total_seconds() > LATE_SECONDS
    next_at = started + timedelta(seconds=interval * uniform(1, 1.5 if late else 1.03))
    stamps = {"refreshed_at": started, "next_refresh_at": next_at}
    if fresh:
        stamps["fresh_read_at"] = started
    TorBoxAccount.objects.filter(pk=account.pk).update(**stamps)
    if account.health == account.Health.LIMITED:
        account.mark_health(account.Health.OK)


def _try_later(account: TorBoxAccount, error: torbox.TorBoxError) -> None:
    """After an outage the account's probe decides when; a refusal is shown and asked about as seldom as usual."""
    level = logging.DEBUG if isinstance(error, HeldBack) else logging.WARNING
    logger.log(level, "Account %s not refreshed: %s", account.pk, error.detail)
    now = timezone.now()
    if isinstance(error, torbox.Unavailable):
        _set_next(account, now)
    elif isinstance(error, torbox.AuthError):
        _set_next(account, now + timedelta(seconds=UNREADABLE_SECONDS))
    elif isinstance(error, torbox.RateLimited):
        _set_next(account, now + timedelta(seconds=error.retry_after or PAUSE_SECONDS))
    else:
        _set_next(account, now + timedelta(seconds=settings.REFRESH_SECONDS))
        account.mark_health(account.Health.LIMITED, error.detail)


def _set_next(account: TorBoxAccount, moment: datetime) -> None:
    TorBoxAccount.objects.filter(pk=account.pk).update(next_refresh_at=moment)
