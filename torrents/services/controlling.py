"""Reannounce, pause, resume, stop seeding, start from the queue, delete: recorded first, done at once if TorBox answers.

All of these may be repeated without harm, so a call whose answer was lost is simply made again. One worker at a
time acts for an account, one call after the other.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

import torbox
from accounts.clients import client_for
from accounts.models import TorBoxAccount, User

from .. import tasks
from ..models import Activity, AddRequest, Batch, ControlRequest, RequestState, Torrent
from ..states import Status
from . import refreshing

SLOW_DOWN_SECONDS = 60
STILL_SENT_SECONDS = 30
LOOKS, LOOK_SECONDS = 6, 30  # for what has left the queue: as long as fresh lists were seen to lag
READ_ALONE = 3  # so many are read one by one afterwards; for more, one read of everything costs less
DELETE, START = "delete", "start"
LABELS = {
    "reannounce": "Reannounce",
    "resume": "Resume",
    "pause": "Pause",
    "stop_seeding": "Stop seeding",
    START: "Start now",
    DELETE: "Delete",
}
NOT_THERE = "it is not at TorBox yet."
NOT_FOUND = "TorBox could not find it."
IN_QUEUE = "it waits in TorBox’s queue, where it can only be started or deleted."
NO_REASON = "TorBox refused it without saying why."


@transaction.atomic
def control(*, person: User, torrents: Sequence[Torrent], operation: str) -> int:
    """Record `operation` for torrents; how many TorBox has. The rest has nothing to be controlled yet."""
    batch = _batch(person, torrents, operation)
    rows, absent = _split(torrents)
    earlier = ControlRequest.objects.filter(torrent__in=rows, state=RequestState.WAITING)
    earlier.exclude(operation=DELETE).delete()
    requests = [ControlRequest(torrent=row, person=person, operation=operation, batch=batch) for row in rows]
    if batch:
        failed = {"state": RequestState.FAILED, "error": NOT_THERE, "batch": batch, "operation": operation}
        requests += [ControlRequest(torrent=row, person=person, **failed) for row in absent]
    ControlRequest.objects.bulk_create(requests)
    for account, mine in _by_account(rows):
        mine.update(pending=operation, revision=account.next_revision())
        tasks.hint(tasks.send_controls, account.pk)
    return len(rows)


def _split(torrents: Sequence[Torrent]) -> tuple[list[Torrent], list[Torrent]]:
    """Those TorBox has, in its list or its queue, and those it does not have yet."""
    there = [row for row in torrents if row.remote_id is not None or row.queued_id is not None]
    return there, [row for row in torrents if row.remote_id is None and row.queued_id is None]


@transaction.atomic
def remove(*, person: User, torrents: Sequence[Torrent]) -> None:
    """Take torrents off the list now, and delete them at TorBox once the time to undo is over."""
    now, batch = timezone.now(), _batch(person, torrents, DELETE)
    due_at = now + timedelta(seconds=settings.UNDO_SECONDS)
    wish = {"person": person, "operation": DELETE, "due_at": due_at, "batch": batch}
    ControlRequest.objects.filter(torrent__in=torrents, state=RequestState.WAITING).delete()
    ControlRequest.objects.bulk_create(ControlRequest(torrent=row, **wish) for row in torrents)
    deleted = Activity.Kind.DELETED
    Activity.objects.bulk_create(Activity.about(row, deleted, person=person) for row in torrents)
    for account, mine in _by_account(torrents):
        mine.update(removed_at=now, revision=account.next_revision(), pending="")
        if not settings.UNDO_SECONDS:
            tasks.hint(tasks.send_controls, account.pk)


@transaction.atomic
def restore(torrents: Sequence[Torrent]) -> int:
    """Undo a removal that has not reached TorBox; how many were saved."""
    waiting = ControlRequest.objects.filter(
        torrent__in=torrents, operation=DELETE, state=RequestState.WAITING
    )
    saved = [request.torrent_id for request in waiting if request.claim(expecting=RequestState.WAITING)]
    ControlRequest.objects.filter(torrent__in=saved, operation=DELETE).delete()
    Activity.objects.filter(torrent__in=saved, kind=Activity.Kind.DELETED).delete()
    for account, mine in _by_account(Torrent.objects.filter(pk__in=saved).select_related("account")):
        mine.update(removed_at=None, revision=account.next_revision())
        tasks.hint(tasks.send_adds, account.pk)
    return len(saved)


@transaction.atomic
def clear(torrents: Sequence[Torrent]) -> None:
    """Take torrents that ended off the list; there is nothing at TorBox to delete any more, or not by us."""
    for account, mine in _by_account(torrents):
        account.next_revision()
        mine.delete()


def control_everything(*, person: User, account: TorBoxAccount, operation: str) -> bool:
    """TorBox's own "all": one call for the whole account, then one fresh look.

    When TorBox does not answer, the wish is recorded for each torrent instead: False then. Raises
    `torbox.Refused` and `torbox.AuthError`.
    """
    try:
        with client_for(account, somebody_waits=True) as client:
            client.control_torrent(operation, everything=True)
            if operation == DELETE:
                client.control_queued(operation, everything=True)
    except (torbox.Unavailable, torbox.RateLimited):
        torrents = list(Torrent.objects.listed().filter(account=account).select_related("account"))
        if operation == DELETE:
            remove(person=person, torrents=torrents)
        else:
            control(person=person, torrents=torrents, operation=operation)
        return False
    refreshing.refresh(account, fresh=True)
    return True


def account_ids_with_due() -> list[int]:
    now = timezone.now()
    due = _due(now).filter(torrent__account__in=TorBoxAccount.objects.askable(now))
    return list(due.values_list("torrent__account_id", flat=True).distinct())


def send_due(account_id: int) -> None:
    """Carry out what is due for one account, until TorBox stops answering."""
    account = TorBoxAccount.objects.filter(pk=account_id).first()
    lease = account.take_lease("control") if account else None
    if account is None or lease is None:
        return
    changed: list[Torrent] = []
    try:
        due = _due(timezone.now()).filter(torrent__account=account)
        for request in due.select_related("torrent").order_by("pk"):
            if not lease.renew():
                break
            if request.claim(expecting=request.state):
                changed += _carry_out(account, request)
    except torbox.TorBoxError:
        pass  # it is due again with the account
    finally:
        lease.drop()
    _read_again(account, changed)


def _due(now: datetime) -> QuerySet[ControlRequest]:
    waiting = Q(state=RequestState.WAITING, due_at__lte=now)
    dead = now - timedelta(seconds=settings.LEASE_SECONDS)
    return ControlRequest.objects.filter(waiting | Q(state=RequestState.SENDING, claimed_at__lt=dead))


def _carry_out(account: TorBoxAccount, request: ControlRequest) -> list[Torrent]:
    """Make the call and write down what came of it; what may look different now. Raises when there is no answer."""
    torrent = Torrent.objects.filter(pk=request.torrent_id).first()
    if torrent is None:
        return []
    request.torrent = torrent  # it may have got its id, or another one, since it was listed
    if request.operation == DELETE and _is_off(request, torrent):
        return []
    if request.operation == DELETE and _has_no_id_yet(torrent):
        return _not_found(account, request)
    if (problem := _senseless(request)) is not None:
        return _done(account, request, problem)
    try:
        _call(account, request)
    except torbox.NotFound:
        return _not_found(account, request)
    except torbox.Refused as error:
        return _done(account, request, error.detail or NO_REASON)
    except torbox.TorBoxError as error:
        _again(request, error)
        raise
    return _done(account, request)


def _not_found(account: TorBoxAccount, request: ControlRequest) -> list[Torrent]:
    """What has left TorBox's queue lives on under another id, which a fresh list tells at once or a little late."""
    tried = request.torrent
    if tried.remote_id is None and request.attempts <= LOOKS:
        refreshing.refresh(account, fresh=True)
        same = Torrent.objects.filter(pk=tried.pk, remote_id=None, queued_id=tried.queued_id)
        if not same.exists():
            return _carry_out(account, request)
        request.put_back(timezone.now() + timedelta(seconds=LOOK_SECONDS))
        return []
    return _done(account, request, "" if request.operation == DELETE else NOT_FOUND)


def _has_no_id_yet(torrent: Torrent) -> bool:
    """TorBox accepted it without saying as what."""
    return torrent.status == Status.QUEUED and torrent.remote_id is None and torrent.queued_id is None


def _is_off(request: ControlRequest, torrent: Torrent) -> bool:
    """Whether a deletion has to wait for an add that may yet arrive, or was taken back by a new wish."""
    if torrent.removed_at is None:
        request.finish()
        return True
    if _still_being_sent(torrent):
        request.put_back(timezone.now() + timedelta(seconds=STILL_SENT_SECONDS))
        return True
    return False


def _still_being_sent(torrent: Torrent) -> bool:
    """Whether an add may yet arrive; one that only waits is withdrawn here."""
    requests = AddRequest.objects.filter(torrent=torrent)
    requests.filter(state=RequestState.WAITING).update(state=RequestState.FAILED)
    return requests.filter(state__in=[RequestState.SENDING, RequestState.UNSURE]).exists()


def _senseless(request: ControlRequest) -> str | None:
    """Why there is nothing to call: a problem in words, "" when it is as wished already, None when there is."""
    torrent, operation = request.torrent, request.operation
    if torrent.remote_id is not None:
        return "" if operation == START else None
    if torrent.queued_id is not None:
        return None if operation in (START, DELETE) else IN_QUEUE
    return "" if operation == DELETE else NOT_THERE


def _call(account: TorBoxAccount, request: ControlRequest) -> None:
    """See docs/torbox-api.md#controltorrent; queued torrents have ids and a route of their own."""
    torrent = request.torrent
    with client_for(account) as client:
        if torrent.remote_id is None:
            client.control_queued(request.operation, queued_id=torrent.queued_id)
        else:
            client.control_torrent(request.operation, torrent_id=torrent.remote_id)


def _done(account: TorBoxAccount, request: ControlRequest, problem: str = "") -> list[Torrent]:
    torrent = request.torrent
    with transaction.atomic():
        ControlRequest.objects.filter(pk=request.pk).update(error=problem[:500])
        request.finish(RequestState.FAILED if problem else RequestState.DONE)
        fields: dict[str, object] = {"pending": "", "revision": account.next_revision()}
        rows = Torrent.objects.filter(pk=torrent.pk)
        if problem:
            fields |= {"error": f"{LABELS[request.operation]}: {problem}"[:500], "removed_at": None}
        elif request.operation == DELETE:
            torrent.forget_ids()
            names = ("remote_id", "queued_id", "old_remote_id", "old_queued_id", "old_ids_until")
            fields |= {name: getattr(torrent, name) for name in names}
            rows = rows.filter(removed_at__isnull=False)
        changed = rows.update(**fields)
        if changed and (problem or request.operation != DELETE):
            kind, label = Activity.Kind.CONTROLLED, LABELS[request.operation]
            detail = f"{label}: {problem}" if problem else label
            Activity.about(torrent, kind, person=request.person, detail=detail).save()
    return [torrent] if changed and request.operation != DELETE and not problem else []


def _again(request: ControlRequest, error: torbox.TorBoxError) -> None:
    """After an outage the account's probe decides when; a rate limit says so itself."""
    wait = 0.0
    if isinstance(error, torbox.RateLimited):
        wait = error.retry_after or SLOW_DOWN_SECONDS
    elif isinstance(error, torbox.Unavailable) and error.code is not None:
        wait = min(3600, 15 * 2**request.attempts)  # it may be this one: the others must not wait for it
    request.put_back(timezone.now() + timedelta(seconds=wait))


def _read_again(account: TorBoxAccount, torrents: list[Torrent]) -> None:
    """What was done to shows itself: each by its id, or all at once when there are many or they got new ids."""
    if not torrents:
        return
    if len(torrents) > READ_ALONE or any(torrent.remote_id is None for torrent in torrents):
        if not refreshing.refresh(account, fresh=True):
            account.ask_again_at(timezone.now())
        return
    for torrent in torrents:
        refreshing.refresh_one(torrent)


def _batch(person: User, torrents: Sequence[Torrent], operation: str) -> Batch | None:
    return Batch.objects.create(person=person, operation=operation) if torrents else None


def _by_account(torrents: Iterable[Torrent]) -> list[tuple[TorBoxAccount, QuerySet[Torrent]]]:
    """The accounts of some torrents, each with its part of them."""
    keys: dict[TorBoxAccount, list[int]] = {}
    for torrent in torrents:
        keys.setdefault(torrent.account, []).append(torrent.pk)
    return [(account, Torrent.objects.filter(pk__in=mine)) for account, mine in keys.items()]
