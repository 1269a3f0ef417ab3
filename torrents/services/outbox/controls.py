"""Carry out the operations that `controlling` recorded.

All of them can be repeated without harm, so a call whose response was lost is made again. One worker at a time acts for
an account, one call after another.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils import timezone

import torbox
from accounts.clients import client_for
from accounts.deadlines import long_ago, passed
from accounts.models import TorBoxAccount
from accounts.transactions import in_transaction
from torrents.models import Activity, AddRequest, ControlRequest, RequestState, Torrent
from torrents.operations import DELETE, START
from torrents.reasons import MAX_DETAIL, Explanation, Reason
from torrents.states import Status

from ..sync import refreshing

SLOW_DOWN_SECONDS = 60
STILL_SENT_SECONDS = 30
MAX_DELAY = 3600  # seconds between two tries
LOOKS, LOOK_SECONDS = 6, 30  # for a torrent that left the queue: as long as fresh lists may lag
READ_ALONE = 3  # torrents that are read one by one afterward; for more, reading the list is cheaper
FINE = Explanation()


def account_ids_with_due() -> list[int]:
    """Return the accounts with operations to carry out now."""
    now = timezone.now()
    due = _due(now).filter(torrent__account__in=TorBoxAccount.objects.askable(now))
    return list(due.values_list("torrent__account_id", flat=True).distinct())


def has_due(account: TorBoxAccount) -> bool:
    """Return whether the account has operations to carry out now."""
    return _due(timezone.now()).filter(torrent__account=account).exists()


def send_due(account_id: int) -> None:
    """Carry out the due operations of an account, until TorBox stops responding."""
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
        pass  # it is due again when the account is
    finally:
        lease.drop()
    _read_again(account, changed)


def _due(now: datetime) -> QuerySet[ControlRequest]:
    longest = timedelta(seconds=max(MAX_DELAY, settings.UNDO_SECONDS))
    waiting = Q(state=RequestState.WAITING) & passed("due_at", longest, now)
    dead = long_ago("claimed_at", timedelta(seconds=settings.LEASE_SECONDS), now)
    return ControlRequest.objects.filter(waiting | Q(state=RequestState.SENDING) & dead)


def _carry_out(account: TorBoxAccount, request: ControlRequest) -> list[Torrent]:
    """Make the call and record its result. Return torrents that may have changed. Raises if TorBox doesn't respond."""
    torrent = Torrent.objects.filter(pk=request.torrent_id).first()
    if torrent is None:
        return []
    request.torrent = torrent  # its id may have changed since the request was listed
    if request.operation == DELETE and _is_off(request, torrent):
        return []
    if request.operation == DELETE and _has_no_id_yet(torrent):
        return _not_found(account, request)
    if (problem := _senseless(request)) is not None:
        return _done(account, request, Explanation(problem))
    try:
        _call(account, request)
    except torbox.NotSent:
        request.put_back(timezone.now())
        return []
    except torbox.NotFound:
        return _not_found(account, request)
    except torbox.Refused as error:
        return _done(account, request, Explanation(Reason.REFUSED, {}, error.detail))
    except torbox.TorBoxError as error:
        _again(request, error)
        raise
    return _done(account, request)


def _not_found(account: TorBoxAccount, request: ControlRequest) -> list[Torrent]:
    """Look for the new id of a torrent that left TorBox's queue. A fresh list may show it with some delay."""
    tried = request.torrent
    if tried.remote_id is None and request.attempts <= LOOKS:
        refreshing.refresh(account, fresh=True)
        same = Torrent.objects.filter(pk=tried.pk, remote_id=None, queued_id=tried.queued_id)
        if not same.exists():
            return _carry_out(account, request)
        request.put_back(timezone.now() + timedelta(seconds=LOOK_SECONDS))
        return []
    return _done(account, request, FINE if request.operation == DELETE else Explanation(Reason.NOT_FOUND))


def _has_no_id_yet(torrent: Torrent) -> bool:
    """Return whether TorBox accepted the torrent without sending an id."""
    return torrent.status == Status.QUEUED and torrent.remote_id is None and torrent.queued_id is None


def _is_off(request: ControlRequest, torrent: Torrent) -> bool:
    """Return whether a deletion must wait for an add that may still arrive, or was undone by a new add."""
    if torrent.removed_at is None:
        request.finish()
        return True
    if _still_being_sent(torrent):
        request.put_back(timezone.now() + timedelta(seconds=STILL_SENT_SECONDS))
        return True
    return False


def _still_being_sent(torrent: Torrent) -> bool:
    """Return whether an add may still arrive. An add that is only waiting is canceled."""
    requests = AddRequest.objects.filter(torrent=torrent)
    requests.filter(state=RequestState.WAITING).update(state=RequestState.FAILED)
    return requests.filter(state__in=[RequestState.SENDING, RequestState.UNSURE]).exists()


def _senseless(request: ControlRequest) -> str | None:
    """Return None if a call is needed, "" if nothing is left to do, or the reason why the call makes no sense."""
    torrent, operation = request.torrent, request.operation
    if torrent.remote_id is not None:
        return "" if operation == START else None
    if torrent.queued_id is not None:
        return None if operation in (START, DELETE) else Reason.IN_QUEUE
    return "" if operation == DELETE else Reason.NOT_AT_TORBOX_YET


def _call(account: TorBoxAccount, request: ControlRequest) -> None:
    """Call TorBox. Queued torrents have other ids and another endpoint (docs/torbox-api.md#controltorrent)."""
    torrent, in_time = request.torrent, request.not_after
    with client_for(account) as client:
        if torrent.remote_id is None:
            client.control_queued(request.operation, queued_id=torrent.queued_id, not_after=in_time)
        else:
            client.control_torrent(request.operation, torrent_id=torrent.remote_id, not_after=in_time)


@in_transaction
def _done(account: TorBoxAccount, request: ControlRequest, problem: Explanation = FINE) -> list[Torrent]:
    """Record the end of a request, unless another worker has taken it over."""
    torrent, failed = request.torrent, bool(problem.reason)
    deleted = request.operation == DELETE and not failed
    state, said = RequestState.FAILED if failed else RequestState.DONE, problem.upstream_detail[:MAX_DETAIL]
    if not account.lock() or not request.finish(state, reason=problem.reason, upstream_detail=said):
        return []
    fields: dict[str, object] = {"pending": ""}
    rows = Torrent.objects.filter(pk=torrent.pk)
    if failed:
        fields |= _failed_fields(request, problem)
    if deleted:
        torrent.forget_ids()
        names = ("remote_id", "queued_id", "old_remote_id", "old_queued_id", "old_ids_until")
        fields |= {name: getattr(torrent, name) for name in names} | {"active": False}
        rows = rows.filter(removed_at__isnull=False)
    if not account.write(rows, **fields) or deleted:
        return []
    kind, params = Activity.Kind.CONTROLLED, {"error": problem.reason} if failed else {}
    Activity.record(
        torrent, kind, person=request.person, code=request.operation, params=params, upstream_detail=said
    )
    return [] if failed else [torrent]


def _failed_fields(request: ControlRequest, problem: Explanation) -> dict[str, object]:
    """Return the columns of a row after a failed operation. A row that waits to be sent keeps its reason."""
    if Torrent.objects.filter(pk=request.torrent_id, status=Status.WAITING).exists():
        return {"removed_at": None}
    why = Explanation(problem.reason, {"operation": request.operation}, problem.upstream_detail)
    return {"removed_at": None, **why.columns()}


def _again(request: ControlRequest, error: torbox.TorBoxError) -> None:
    """Put a request back. After an outage the account's probe decides when, after a rate limit TorBox does."""
    wait = 0.0
    if isinstance(error, torbox.RateLimited):
        wait = min(MAX_DELAY, error.retry_after or SLOW_DOWN_SECONDS)
    elif isinstance(error, torbox.Unavailable) and error.code is not None:
        wait = min(
            MAX_DELAY, 15 * 2**request.attempts
        )  # this torrent may be the cause, and must not delay the others
    request.put_back(timezone.now() + timedelta(seconds=wait))


def _read_again(account: TorBoxAccount, torrents: list[Torrent]) -> None:
    """Read changed torrents again: each by its id, or the whole list if there are many or they got new ids."""
    if not torrents:
        return
    if len(torrents) > READ_ALONE or any(torrent.remote_id is None for torrent in torrents):
        if not refreshing.refresh(account, fresh=True):
            account.ask_again_at(timezone.now())
        return
    for torrent in torrents:
        refreshing.refresh_one(torrent)
