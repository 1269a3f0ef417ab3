"""The outbox: what was pasted reaches TorBox exactly once, within its budgets.

A request is claimed by a conditional update, a call is written down before it is made, and whatever may
or may not have arrived is *unsure* until the list and the queue, read fresh, decide
(docs/architecture.md#sending).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

import torbox
from accounts.clients import client_for
from accounts.models import TorBoxAccount

from ..models import Activity, AddRequest, ControlRequest, CreateCall, RequestState, Torrent
from ..states import Status
from . import budget, refreshing

LEASE_SECONDS = 300
CLAIM_SECONDS = 180  # longer than any call may take, see TORBOX_TIMEOUT
SLOT_SECONDS = 300
CACHED_FOR = timedelta(minutes=30)
NOT_CACHED = "TorBox has no cached copy, and you asked for cached ones only."


class Stop(Exception):
    """Nothing more can be sent for this account now."""


def account_ids_with_due() -> list[int]:
    """Accounts with something to send, to resolve, or left behind by a worker that died."""
    now = timezone.now()
    due = _due(now).filter(torrent__account__in=TorBoxAccount.objects.askable(now))
    return list(due.values_list("torrent__account_id", flat=True).distinct())


def send_due(account_id: int) -> None:
    """Send everything of one account that may be sent now. Two of these at once do no harm."""
    account = TorBoxAccount.objects.filter(pk=account_id).first()
    if account is None or account.rejected or not account.take_lease("send_lease_until", LEASE_SECONDS):
        return
    try:
        _resolve_unsure(account)
        _learn_what_is_cached(account)
        while (request := _next(account)) and account.extend_lease("send_lease_until", LEASE_SECONDS):
            _send(account, request)
        _find_accepted(account)
    except (Stop, torbox.TorBoxError) as trouble:
        _postpone(account, trouble)
    finally:
        budget.forecast(account)
        account.drop_lease("send_lease_until")


def _due(now: datetime, account: TorBoxAccount | None = None) -> QuerySet[AddRequest]:
    """What may be looked at now. A deletion on its way is waited for; what may have arrived is found out either way."""
    deleting = ControlRequest.objects.filter(torrent=OuterRef("torrent"), state=RequestState.SENDING)
    wanted = Q(torrent__removed_at=None) & ~Exists(deleting.filter(operation="delete"))
    waiting = Q(state=RequestState.WAITING, due_at__lte=now) & wanted
    unsure = Q(state=RequestState.UNSURE, due_at__lte=now)
    orphaned = Q(state=RequestState.SENDING, claimed_at__lt=now - timedelta(seconds=CLAIM_SECONDS))
    requests = AddRequest.objects.filter(waiting | unsure | orphaned)
    return requests.filter(torrent__account=account) if account else requests


def _resolve_unsure(account: TorBoxAccount) -> None:
    """Look for what may have arrived, by info hash, in the fresh list and queue; only what both lack goes back."""
    now = timezone.now()
    left_behind = AddRequest.objects.filter(torrent__account=account, state=RequestState.SENDING)
    left_behind.filter(claimed_at__lt=now - timedelta(seconds=CLAIM_SECONDS)).update(
        state=RequestState.UNSURE, due_at=now
    )
    unsure = list(_due(now, account).filter(state=RequestState.UNSURE).defer("torrent_file"))
    if not unsure:
        return
    if not refreshing.refresh(account, fresh=True):
        raise Stop
    for request in unsure:
        request.refresh_from_db(fields=["state"])
        if request.state == RequestState.UNSURE:
            request.put_back(timezone.now())


def _learn_what_is_cached(account: TorBoxAccount) -> None:
    """Cached ones go first and cost no budget, so ask about all that are waiting, in one go."""
    now = timezone.now()
    unknown = Q(known_cached=None) | Q(known_cached_at__lt=now - CACHED_FOR)
    waiting = _due(now, account).filter(unknown, state=RequestState.WAITING)
    hashes = dict(waiting.values_list("pk", "torrent__info_hash"))
    if not hashes:
        return
    try:
        with client_for(account) as client:
            cached = client.check_cached(hashes.values())
    except (torbox.RateLimited, torbox.Refused, torbox.NotFound):
        return  # knowing would only have saved budget
    hits = [pk for pk, info_hash in hashes.items() if info_hash in cached]
    with transaction.atomic():
        waiting.update(known_cached=False, known_cached_at=now)
        for start in range(0, len(hits), 500):
            AddRequest.objects.filter(pk__in=hits[start : start + 500]).update(
                known_cached=True, known_cached_at=now
            )


def _next(account: TorBoxAccount) -> AddRequest | None:
    """The next request that may go now: cached first, then people take turns, then first come first served."""
    now = timezone.now()
    waiting = _due(now, account).filter(state=RequestState.WAITING).select_related("torrent")
    if account.creates_blocked(now):
        return None
    cached = waiting.filter(known_cached=True).order_by("pk").first()
    if cached or budget.free_at(account, now) > now:
        return cached
    return budget.in_turn(account, waiting)


def _send(account: TorBoxAccount, request: AddRequest) -> None:
    """Claim, call, and write down what came of it."""
    if request.only_if_cached and request.known_cached is False:
        return _fail(account, request, NOT_CACHED)
    if not request.claim(expecting=RequestState.WAITING):
        return None
    call = CreateCall.objects.create(account=account, counted=request.known_cached is not True)
    try:
        with client_for(account) as client:
            added = client.create_torrent(**_create_arguments(request))
    except torbox.Duplicate as error:
        _accepted(account, request, torbox.Added(None, None, None, False, error.detail))
    except torbox.LimitReached as error:
        _wait_for_limit(account, request, error)
    except (torbox.Refused, torbox.NotFound) as error:
        _fail(account, request, error.detail or "TorBox refused it without saying why.")
    except torbox.TorBoxError as error:
        _not_answered(account, request, error)
        if not _is_about_this_one(error):
            raise
    else:
        CreateCall.objects.filter(pk=call.pk).update(counted=not added.cached)
        _accepted(account, request, added)


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
    if added.torrent_id in (None, torrent.removed_remote_id):
        torrent.removed_remote_id = None  # it lives on under the id it had
    with transaction.atomic():
        request.finish()
        _write(
            account,
            torrent,
            remote_id=added.torrent_id,
            removed_remote_id=torrent.removed_remote_id,
            queued_id=added.queued_id,
            status=Status.METADATA if added.torrent_id else Status.QUEUED,
            sent_at=now,
            row_digest="",
            status_since=now,
            waiting_for="",
            waiting_until=None,
            error="",
        )
        Activity.about(torrent, Activity.Kind.SENT, detail=added.detail).save()
    if added.torrent_id is not None:
        refreshing.refresh_one(torrent)


def _find_accepted(account: TorBoxAccount) -> None:
    """Where TorBox said yes without an id, one fresh look at everything finds them all by info hash."""
    lost = Torrent.objects.listed().filter(
        account=account, status=Status.QUEUED, remote_id=None, queued_id=None
    )
    if lost.filter(sent_at__gt=timezone.now() - timedelta(minutes=2)).exists():
        refreshing.refresh(account, fresh=True)


def _wait_for_limit(account: TorBoxAccount, request: AddRequest, error: torbox.LimitReached) -> None:
    """A slot, the queue, the month or a cooldown: all that cost one wait, and say for what and until when."""
    now = timezone.now()
    used = f" ({error.current} of {error.limit} in use)" if error.limit and error.current else ""
    reason, until = {
        "COOLDOWN_LIMIT": ("TorBox has this account in a cooldown", error.until or now + timedelta(hours=1)),
        "MONTHLY_LIMIT": (f"This month’s TorBox downloads are used up{used}", now + timedelta(hours=6)),
        "QUEUE_FULL": ("TorBox’s queue is full", now + timedelta(seconds=SLOT_SECONDS)),
    }.get(error.code or "", (f"No free slot at TorBox{used}", now + timedelta(seconds=SLOT_SECONDS)))
    until = max(until, now + timedelta(seconds=15))
    with transaction.atomic():
        request.put_back(until)
        same = AddRequest.objects.filter(torrent__account=account, state=RequestState.WAITING)
        same = same.filter(Q(pk=request.pk) | ~Q(known_cached=True))
        Torrent.objects.filter(request__in=same).update(
            waiting_for=reason, waiting_until=until, revision=account.next_revision()
        )
        same.update(due_at=until)


def _not_answered(account: TorBoxAccount, request: AddRequest, error: torbox.TorBoxError) -> None:
    """No verdict. It goes back, unless the call may have worked: then it is unsure. Re-raised to stop the round."""
    now = timezone.now()
    if isinstance(error, torbox.RateLimited):
        wait = timedelta(seconds=error.retry_after if error.retry_after is not None else budget.BLOCK_SECONDS)
        TorBoxAccount.objects.filter(pk=account.pk).update(creates_blocked_until=now + wait)
        return request.put_back(now)
    delay = min(3600, 15 * 2**request.attempts) if _is_about_this_one(error) else 0
    state = RequestState.UNSURE if error.maybe_done else RequestState.WAITING
    return request.put_back(now + timedelta(seconds=delay), state)


def _is_about_this_one(error: torbox.TorBoxError) -> bool:
    """TorBox itself said that it failed: it may be this torrent, and must not hold up the others."""
    return isinstance(error, torbox.Unavailable) and error.code is not None and not error.maybe_done


def _fail(account: TorBoxAccount, request: AddRequest, sentence: str) -> None:
    with transaction.atomic():
        request.finish(RequestState.FAILED)
        _write(
            account,
            request.torrent,
            status=Status.FAILED,
            status_since=timezone.now(),
            error=sentence[:500],
            waiting_for="",
            waiting_until=None,
        )
        Activity.about(request.torrent, Activity.Kind.FAILED, detail=sentence).save()


def _postpone(account: TorBoxAccount, trouble: Exception) -> None:
    """The round ended early: the rest tries again with the account, and each row says what it waits for."""
    account.refresh_from_db()
    if account.needs_key:
        reason = "Waits for a new API key"
    elif account.creates_blocked(timezone.now()):
        reason = "TorBox asked us to slow down"
    else:
        reason = "TorBox does not answer; sent as soon as it does"
    waiting = Torrent.objects.listed().filter(account=account, status=Status.WAITING)
    changed = waiting.exclude(waiting_for=reason)
    with transaction.atomic():
        if changed.exists():
            changed.update(
                waiting_for=reason,
                waiting_until=account.creates_blocked_until,
                revision=account.next_revision(),
            )


def _write(account: TorBoxAccount, torrent: Torrent, **fields: object) -> None:
    """Change the row and raise the revision; call it inside a transaction."""
    fields["revision"] = account.next_revision()
    for name, value in fields.items():
        setattr(torrent, name, value)
    torrent.save(update_fields=list(fields))
