"""Send added torrents to TorBox exactly once, within its limits.

One worker at a time sends for an account, by a lease. A request is claimed by a conditional update, and a call is
recorded before it is made. A request that may or may not have arrived is *unsure* until a fresh list and queue decide
(docs/architecture.md#sending).
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import Q
from django.utils import timezone

import torbox
from accounts.clients import client_for
from accounts.deadlines import long_ago
from accounts.leases import Lease
from accounts.models import TorBoxAccount
from accounts.rate_limits import CREATES, Throttled
from accounts.transactions import in_transaction
from torrents.models import Activity, AddRequest, CreateCall, RequestState
from torrents.reasons import Explanation, Reason
from torrents.states import Status

from ..sync import refreshing
from . import budget, due, resolving, waiting
from .due import Stop

CACHED_FOR = timedelta(minutes=30)
CHECK_BATCH_SIZE = 500
MAX_DELAY = 3600  # seconds between two tries of a torrent with which TorBox fails


def account_ids_with_due() -> list[int]:
    """Return the accounts with requests to send or resolve, or left behind by a worker that died."""
    now = timezone.now()
    requests = due.due_requests(now).filter(torrent__account__in=TorBoxAccount.objects.askable(now))
    return list(requests.values_list("torrent__account_id", flat=True).distinct())


def send_due(account_id: int) -> None:
    """Send all due requests of an account. Two calls at the same time do no harm."""
    account = TorBoxAccount.objects.filter(pk=account_id).first()
    lease = account.take_lease("send") if account and not account.rejected else None
    if account is None or lease is None:
        return
    try:
        _send_all(account, lease)
    except (Stop, torbox.TorBoxError):
        waiting.explain(account.pk)
    finally:
        lease.drop()
        budget.forecast(account)


def _send_all(account: TorBoxAccount, lease: Lease) -> None:
    resolving.resolve_unsure(account)
    if account.paused_until(CREATES):
        raise Stop
    _learn_what_is_cached(account, lease)
    while lease.renew() and (request := _next(account)):
        _send(account, request)
    resolving.find_accepted(account)


def _learn_what_is_cached(account: TorBoxAccount, lease: Lease) -> None:
    """Ask TorBox which waiting torrents are cached, because these are sent first and don't count toward the limits."""
    now = timezone.now()
    unknown = Q(known_cached=None) | long_ago("known_cached_at", CACHED_FOR, now)
    requests = due.due_requests(now, account).filter(unknown, state=RequestState.WAITING)
    hashes = dict(requests.order_by("pk").values_list("torrent__info_hash", "pk"))
    for start in range(0, len(hashes), CHECK_BATCH_SIZE):
        piece = list(hashes)[start : start + CHECK_BATCH_SIZE]
        if not lease.renew():
            raise Stop
        try:
            with client_for(account) as client:
                cached = client.check_cached(piece)
        except torbox.TorBoxError as error:
            if isinstance(error, torbox.AuthError) or account.health == account.Health.UNREACHABLE:
                raise
            return  # sending works without this, at a higher cost
        _write_cached(account, {hashes[info_hash]: info_hash in cached for info_hash in piece})


@in_transaction
def _write_cached(account: TorBoxAccount, known: dict[int, bool]) -> None:
    """Store which requests are cached. `known`: whether a torrent is cached, by the request's key."""
    account.lock()
    now = timezone.now()
    for state in (True, False):
        mine = AddRequest.objects.filter(pk__in=[pk for pk, cached in known.items() if cached is state])
        mine.update(known_cached=state, known_cached_at=now)


def _next(account: TorBoxAccount) -> AddRequest | None:
    """Return the next request that may be sent: cached ones first, then others within the limits, in turns."""
    now = timezone.now()
    requests = due.due_requests(now, account).filter(state=RequestState.WAITING).select_related("torrent")
    cached = budget.in_turn(account, requests.filter(known_cached=True))
    if cached or budget.free_at(account, now) > now:
        return cached
    return budget.in_turn(account, requests)


def _send(account: TorBoxAccount, request: AddRequest) -> None:
    """Claim a request, call TorBox, and record the result. Raises errors that end the round."""
    if request.only_if_cached and request.known_cached is False:
        return _fail(account, request, Explanation(Reason.NOT_CACHED))
    if (call := _claim(account, request)) is None:
        return None
    try:
        with client_for(account) as client:
            added = client.create_torrent(**_create_arguments(request), not_after=request.not_after)
    except torbox.NotSent:  # this process was suspended, and others may have taken over its work
        call.delete()
        request.put_back(timezone.now())
        raise Stop from None
    except torbox.Duplicate as error:
        _accepted(account, request, torbox.Added(None, None, None, False, error.detail))
    except torbox.LimitReached as error:
        waiting.for_limit(account, request, error)
    except (torbox.Refused, torbox.NotFound) as error:
        _fail(account, request, Explanation(Reason.REFUSED, {}, error.detail))
    except torbox.TorBoxError as error:
        if isinstance(error, Throttled | torbox.AuthError):
            call.delete()
        _not_answered(account, request, error)
    else:
        CreateCall.objects.filter(pk=call.pk).update(counted=not added.cached)
        _accepted(account, request, added)


@in_transaction
def _claim(account: TorBoxAccount, request: AddRequest) -> CreateCall | None:
    """Record a call with the claim. Return None if another worker was faster or the account is gone."""
    if not account.lock() or not request.claim(expecting=RequestState.WAITING):
        return None
    return CreateCall.objects.create(account=account, counted=request.known_cached is not True)


def _create_arguments(request: AddRequest) -> dict[str, Any]:
    """Return the arguments of `create_torrent`. The file takes precedence, because it has trackers and metadata."""
    file = bytes(request.torrent_file) if request.torrent_file else None
    return {
        "file": file,
        "magnet": None if file else request.magnet,
        "seed": request.seed,
        "allow_zip": request.allow_zip,
        "name": request.name or None,
        "as_queued": request.as_queued,
        "only_if_cached": request.only_if_cached,
    }


def _accepted(account: TorBoxAccount, request: AddRequest, added: torbox.Added) -> None:
    """Record that TorBox accepted the torrent. Without an id, the next list finds it by info hash."""
    torrent, now = request.torrent, timezone.now()
    old = torrent.old_ids_until
    if added.torrent_id in (None, torrent.old_remote_id):
        old = None  # it keeps its old id
    fields = {
        "remote_id": added.torrent_id,
        "queued_id": added.queued_id,
        "old_ids_until": old,
        "status": Status.METADATA if added.torrent_id else Status.QUEUED,
        "status_since": now,
        "sent_at": now,
        "row_digest": "",
    }
    event = Explanation(upstream_detail=added.detail)
    ended = _end(account, request, RequestState.DONE, Activity.Kind.SENT, event, fields)
    if ended and added.torrent_id is not None:
        refreshing.refresh_one(torrent)


def _fail(account: TorBoxAccount, request: AddRequest, why: Explanation) -> None:
    fields = {"status": Status.FAILED, "status_since": timezone.now(), **why.columns()}
    _end(account, request, RequestState.FAILED, Activity.Kind.FAILED, why, fields)


@in_transaction
def _end(
    account: TorBoxAccount,
    request: AddRequest,
    state: RequestState,
    kind: Activity.Kind,
    event: Explanation,
    fields: dict[str, Any],
) -> bool:
    """Record the end of a request. Return False if another worker has taken it over."""
    if not account.lock() or not request.finish(state):
        return False
    if due.write(account, request.torrent, **due.NO_WAIT | fields):
        said = event.upstream_detail
        Activity.record(request.torrent, kind, code=event.reason, params=event.params, upstream_detail=said)
    return True


def _not_answered(account: TorBoxAccount, request: AddRequest, error: torbox.TorBoxError) -> None:
    """Put a request back, as *unsure* if the call may have worked. Raises the error unless it concerns this one only."""
    now = timezone.now()
    if error.maybe_done:
        request.put_back(now, RequestState.UNSURE, unsure_since=now)
        raise error
    if not _is_about_this_one(error):
        request.put_back(now)
        raise error
    until = now + timedelta(seconds=min(MAX_DELAY, 15 * 2**request.attempts))
    why = Explanation(Reason.TORBOX_TROUBLE, {}, error.detail)
    waiting.for_another_try(account, request, until, why)


def _is_about_this_one(error: torbox.TorBoxError) -> bool:
    """Return whether TorBox itself reported the error. This torrent may be the cause, and must not delay the others."""
    return isinstance(error, torbox.Unavailable) and error.code is not None
