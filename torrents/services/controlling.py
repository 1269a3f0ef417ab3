"""Reannounce, pause, resume, stop seeding, start from the queue, delete: recorded first, done at once if TorBox answers.

All of these may be repeated without harm, so a call whose answer was lost is simply made again.
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
from ..models import Activity, AddRequest, ControlRequest, RequestState, Torrent
from . import refreshing

CLAIM_SECONDS = 180
SLOW_DOWN_SECONDS = 60
DELETE, START = "delete", "start"
LABELS = {
    "reannounce": "Reannounce",
    "resume": "Resume",
    "pause": "Pause",
    "stop_seeding": "Stop seeding",
    START: "Start now",
    DELETE: "Delete",
}
OPEN = [RequestState.WAITING, RequestState.SENDING]


@transaction.atomic
def control(*, person: User, torrents: Sequence[Torrent], operation: str) -> int:
    """Record `operation` for torrents TorBox has; how many. The rest has nothing to be controlled yet."""
    rows = [row for row in torrents if row.remote_id is not None or row.queued_id is not None]
    ControlRequest.objects.filter(torrent__in=rows, state=RequestState.WAITING).exclude(
        operation=DELETE
    ).delete()
    requests = [ControlRequest(torrent=row, person=person, operation=operation) for row in rows]
    ControlRequest.objects.bulk_create(requests)
    for account in _accounts(rows):
        mine = [row.pk for row in rows if row.account_id == account.pk]
        fields = {"pending": operation, "revision": account.next_revision()}
        Torrent.objects.filter(pk__in=mine).update(**fields)
        tasks.hint(tasks.send_controls, account.pk)
    return len(rows)


@transaction.atomic
def remove(*, person: User, torrents: Sequence[Torrent]) -> None:
    """Take torrents off the list now, and delete them at TorBox once the time to undo is over."""
    now = timezone.now()
    due_at = now + timedelta(seconds=settings.UNDO_SECONDS)
    requests = [
        ControlRequest(torrent=row, person=person, operation=DELETE, due_at=due_at) for row in torrents
    ]
    ControlRequest.objects.filter(torrent__in=torrents, state=RequestState.WAITING).delete()
    ControlRequest.objects.bulk_create(requests)
    Activity.objects.bulk_create(
        Activity.about(row, Activity.Kind.DELETED, person=person) for row in torrents
    )
    for account in _accounts(torrents):
        mine = [row.pk for row in torrents if row.account_id == account.pk]
        fields = {"removed_at": now, "revision": account.next_revision(), "pending": ""}
        Torrent.objects.filter(pk__in=mine).update(**fields)
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
    rows = Torrent.objects.filter(pk__in=saved)
    for account in _accounts(list(rows.select_related("account"))):
        rows.filter(account=account).update(removed_at=None, revision=account.next_revision())
        tasks.hint(tasks.send_adds, account.pk)
    return len(saved)


@transaction.atomic
def clear(torrents: Sequence[Torrent]) -> None:
    """Take torrents that ended off the list; there is nothing at TorBox to delete any more, or not by us."""
    for account in _accounts(torrents):
        mine = [row.pk for row in torrents if row.account_id == account.pk]
        account.next_revision()
        Torrent.objects.filter(pk__in=mine).delete()


def control_everything(*, account: TorBoxAccount, operation: str) -> None:
    """TorBox's own "all": one call for the whole account, then one fresh look. Raises `torbox.TorBoxError`."""
    with client_for(account, somebody_waits=True) as client:
        client.control_torrent(operation, everything=True)
    refreshing.refresh(account, fresh=True)


def account_ids_with_due() -> list[int]:
    now = timezone.now()
    due = _due(now).filter(torrent__account__in=TorBoxAccount.objects.askable(now))
    return list(due.values_list("torrent__account_id", flat=True).distinct())


def send_due(account_id: int) -> None:
    """Carry out what is due for one account, until TorBox stops answering."""
    due = _due(timezone.now()).filter(torrent__account_id=account_id)
    for request in due.select_related("torrent__account").order_by("pk"):
        if request.claim(expecting=request.state) and not _carry_out(request):
            return


def _due(now: datetime) -> QuerySet[ControlRequest]:
    waiting = Q(state=RequestState.WAITING, due_at__lte=now)
    orphaned = Q(state=RequestState.SENDING, claimed_at__lt=now - timedelta(seconds=CLAIM_SECONDS))
    return ControlRequest.objects.filter(waiting | orphaned)


def _carry_out(request: ControlRequest) -> bool:
    """Make the call and write down what came of it; False when nothing more will be answered now."""
    if request.operation == DELETE and request.torrent.removed_at is None:
        request.finish()  # it was wanted again in the meantime
        return True
    if request.operation == DELETE and _still_being_sent(request.torrent):
        request.put_back(timezone.now() + timedelta(seconds=30))
        return True
    request.torrent.refresh_from_db()  # it may have got its id, or another one, since it was listed
    torrent = request.torrent
    if (
        torrent.remote_id is None
        and torrent.queued_id is not None
        and request.operation not in (START, DELETE)
    ):
        _done(request, "it waits in TorBox’s queue, where it can only be started or deleted.")
        return True
    if torrent.remote_id is not None and request.operation == START:
        _done(request)
        return True
    try:
        _call(torrent, request.operation)
    except torbox.NotFound:
        found_nothing = "" if request.operation == DELETE else "TorBox could not find it."
        _done(request, found_nothing)
    except torbox.Refused as error:
        _done(request, error.detail or "TorBox refused it without saying why.")
    except torbox.TorBoxError as error:
        _again(request, error)
        return False
    else:
        _done(request)
    return True


def _still_being_sent(torrent: Torrent) -> bool:
    """Whether an add may yet arrive; one that only waits is withdrawn here."""
    waiting = AddRequest.objects.filter(torrent=torrent, state=RequestState.WAITING)
    waiting.update(state=RequestState.FAILED)
    flying = AddRequest.objects.filter(torrent=torrent, state__in=[RequestState.SENDING, RequestState.UNSURE])
    return flying.exists()


def _call(torrent: Torrent, operation: str) -> None:
    """See docs/torbox-api.md#controltorrent; queued torrents have ids and a route of their own."""
    if torrent.remote_id is None and torrent.queued_id is None:
        return
    with client_for(torrent.account) as client:
        if torrent.remote_id is None:
            client.control_queued(operation, queued_id=torrent.queued_id)
        else:
            client.control_torrent(operation, torrent_id=torrent.remote_id)


def _done(request: ControlRequest, problem: str = "") -> None:
    torrent = request.torrent
    with transaction.atomic():
        request.error = problem[:500]
        request.save(update_fields=["error"])
        request.finish(RequestState.FAILED if problem else RequestState.DONE)
        fields: dict[str, object] = {"pending": "", "revision": torrent.account.next_revision()}
        if problem:
            fields |= {"error": f"{LABELS[request.operation]}: {problem}"[:500], "removed_at": None}
        elif request.operation == DELETE:
            fields |= {"removed_remote_id": torrent.remote_id, "remote_id": None, "queued_id": None}
        rows = Torrent.objects.filter(pk=torrent.pk)
        if request.operation == DELETE:
            rows = rows.filter(removed_at__isnull=False)
        rows.update(**fields)
        if request.operation != DELETE and not problem:
            kind = Activity.Kind.CONTROLLED
            Activity.about(torrent, kind, person=request.person, detail=LABELS[request.operation]).save()
    if request.operation == START:
        torrent.account.ask_again_at(timezone.now())
    elif request.operation != DELETE and not problem:
        refreshing.refresh_one(torrent)


def _again(request: ControlRequest, error: torbox.TorBoxError) -> None:
    """After an outage the account's probe decides when; a rate limit says so itself."""
    wait = (error.retry_after or SLOW_DOWN_SECONDS) if isinstance(error, torbox.RateLimited) else 0
    request.put_back(timezone.now() + timedelta(seconds=wait))


def _accounts(torrents: Iterable[Torrent]) -> list[TorBoxAccount]:
    return list({row.account_id: row.account for row in torrents}.values())
