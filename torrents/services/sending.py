"""The outbox: what was pasted reaches TorBox exactly once, within its budgets.

One worker at a time sends for an account, by a lease. A request is claimed by a conditional update, a call is
written down before it is made, and whatever may or may not have arrived is *unsure* until the list and the
queue, read fresh, decide (docs/architecture.md#sending).
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

import torbox
from accounts.calls import CREATES, HeldBack
from accounts.clients import client_for
from accounts.models import Lease, TorBoxAccount

from ..models import Activity, AddRequest, CreateCall, RequestState, Torrent
from ..states import Status
from . import budget, outbox, refreshing, resolving, waiting
from .outbox import Stop

CACHED_FOR = timedelta(minutes=30)
CHECKED_AT_ONCE = 500
LONGEST_DELAY = 3600  # seconds between two tries of a torrent that TorBox fails with
NOT_CACHED = "TorBox has no cached copy, and you asked for cached ones only."
NO_REASON = "TorBox refused it without saying why."


def account_ids_with_due() -> list[int]:
    """Accounts with something to send, to resolve, or left behind by a worker that died."""
    now = timezone.now()
    due = outbox.due(now).filter(torrent__account__in=TorBoxAccount.objects.askable(now))
    return list(due.values_list("torrent__account_id", flat=True).distinct())


def send_due(account_id: int) -> None:
    """Send everything of one account that may be sent now. Two of these at once do no harm."""
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
    """Cached ones go first and cost no budget, so ask about all that are waiting."""
    now = timezone.now()
    unknown = Q(known_cached=None) | Q(known_cached_at__lt=now - CACHED_FOR)
    requests = outbox.due(now, account).filter(unknown, state=RequestState.WAITING)
    hashes = dict(requests.order_by("pk").values_list("torrent__info_hash", "pk"))
    for start in range(0, len(hashes), CHECKED_AT_ONCE):
        piece = list(hashes)[start : start + CHECKED_AT_ONCE]
        if not lease.renew():
            raise Stop
        try:
            with client_for(account) as client:
                cached = client.check_cached(piece)
        except torbox.TorBoxError as error:
            if isinstance(error, torbox.AuthError) or account.health == account.Health.UNREACHABLE:
                raise
            return  # knowing would only have saved budget
        _write_cached({hashes[info_hash]: info_hash in cached for info_hash in piece})


def _write_cached(known: dict[int, bool]) -> None:
    """`known`: whether it is cached, by the request's key."""
    now = timezone.now()
    for state in (True, False):
        mine = AddRequest.objects.filter(pk__in=[pk for pk, cached in known.items() if cached is state])
        mine.update(known_cached=state, known_cached_at=now)


def _next(account: TorBoxAccount) -> AddRequest | None:
    """The next request that may go now: cached ones first, then within the budget; people take turns at both."""
    now = timezone.now()
    requests = outbox.due(now, account).filter(state=RequestState.WAITING).select_related("torrent")
    cached = budget.in_turn(account, requests.filter(known_cached=True))
    if cached or budget.free_at(account, now) > now:
        return cached
    return budget.in_turn(account, requests)


def _send(account: TorBoxAccount, request: AddRequest) -> None:
    """Claim, call, and write down what came of it. Raises what ends the round."""
    if request.only_if_cached and request.known_cached is False:
        return _fail(account, request, NOT_CACHED)
    if (call := _claim(account, request)) is None:
        return None
    try:
        with client_for(account) as client:
            added = client.create_torrent(**_create_arguments(request))
    except torbox.Duplicate as error:
        _accepted(account, request, torbox.Added(None, None, None, False, error.detail))
    except torbox.LimitReached as error:
        waiting.for_limit(account, request, error)
    except (torbox.Refused, torbox.NotFound) as error:
        _fail(account, request, error.detail or NO_REASON)
    except torbox.TorBoxError as error:
        if isinstance(error, HeldBack | torbox.AuthError):
            call.delete()
        _not_answered(account, request, error)
    else:
        CreateCall.objects.filter(pk=call.pk).update(counted=not added.cached)
        _accepted(account, request, added)


@transaction.atomic
def _claim(account: TorBoxAccount, request: AddRequest) -> CreateCall | None:
    """The call, written down with the claim; None when somebody was faster or the account is gone."""
    if not account.lock() or not request.claim(expecting=RequestState.WAITING):
        return None
    return CreateCall.objects.create(account=account, counted=request.known_cached is not True)


def _create_arguments(request: AddRequest) -> dict[str, Any]:
    """See docs/torbox-api.md#createtorrent. The file wins over the magnet: it holds the trackers and metadata."""
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
    """TorBox has it. Without an id (a duplicate, or an empty answer) the next list tells, by info hash."""
    torrent, now = request.torrent, timezone.now()
    old = torrent.old_ids_until
    if added.torrent_id in (None, torrent.old_remote_id):
        old = None  # it lives on under the id it had
    fields = {
        "remote_id": added.torrent_id,
        "queued_id": added.queued_id,
        "old_ids_until": old,
        "status": Status.METADATA if added.torrent_id else Status.QUEUED,
        "status_since": now,
        "sent_at": now,
        "row_digest": "",
        "error": "",
    }
    with transaction.atomic():
        request.finish()
        if outbox.write(account, torrent, **fields, **outbox.NO_WAIT):
            Activity.about(torrent, Activity.Kind.SENT, detail=added.detail).save()
    if added.torrent_id is not None:
        refreshing.refresh_one(torrent)


def _fail(account: TorBoxAccount, request: AddRequest, sentence: str) -> None:
    torrent, now = request.torrent, timezone.now()
    fields = {"status": Status.FAILED, "status_since": now, "error": sentence[:500]}
    with transaction.atomic():
        request.finish(RequestState.FAILED)
        if outbox.write(account, torrent, **fields, **outbox.NO_WAIT):
            Activity.about(torrent, Activity.Kind.FAILED, detail=sentence).save()


def _not_answered(account: TorBoxAccount, request: AddRequest, error: torbox.TorBoxError) -> None:
    """No verdict: it goes back, as *unsure* when the call may have worked. Raises unless the rest may go on."""
    now = timezone.now()
    if error.maybe_done:
        request.put_back(now, RequestState.UNSURE, unsure_since=now)
        raise error
    if not _is_about_this_one(error):
        request.put_back(now)
        raise error
    until = now + timedelta(seconds=min(LONGEST_DELAY, 15 * 2**request.attempts))
    with transaction.atomic():
        request.put_back(until)
        reason = f"TorBox had trouble with it (“{error.detail[:120]}”)"
        waiting.tell(Torrent.objects.filter(request=request), reason)
        outbox.write(account, request.torrent, waiting_for=reason, waiting_until=until, waiting_place=None)


def _is_about_this_one(error: torbox.TorBoxError) -> bool:
    """TorBox itself said that it failed: it may be this torrent, and must not hold up the others."""
    return isinstance(error, torbox.Unavailable) and error.code is not None
