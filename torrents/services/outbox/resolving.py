"""Find out whether a call without a clear response took effect, by info hash, before sending it again."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone

from accounts.deadlines import recent
from accounts.models import TorBoxAccount
from accounts.transactions import in_transaction
from torrents.models import AddRequest, RequestState, Torrent
from torrents.reasons import Explanation, Reason
from torrents.states import Status

from ..sync import refreshing
from . import due, waiting

LOOKS = 6  # within SETTLE_SECONDS
STANDSTILL = timedelta(minutes=10)
JUST_SENT = timedelta(minutes=2)


def resolve_unsure(account: TorBoxAccount) -> None:
    """Look for unsure requests in a fresh list and queue, or later if these can't be read now.

    Raises `due.Stop` if TorBox doesn't respond, because one failed call is enough.

    `reconcile` completes the requests whose torrents are found. The others are sent again if they are still missing
    SETTLE_SECONDS after the call, because fresh lists may lag (docs/torbox-api.md#quirks).
    """
    now = timezone.now()
    _adopt_orphans(account, now)
    unsure = due.due_requests(now, account).filter(state=RequestState.UNSURE)
    if not unsure.exists():
        return
    if not refreshing.refresh(account, fresh=True):
        if TorBoxAccount.objects.askable(timezone.now()).filter(pk=account.pk).exists():
            return
        raise due.Stop
    left = list(unsure.defer("torrent_file").select_related("torrent"))
    for request in left:
        _look_again_or_send(account, request, now)


@in_transaction
def _adopt_orphans(account: TorBoxAccount, now: datetime) -> None:
    """Mark requests of workers that died as unsure, because their calls may have been made."""
    account.lock()
    orphans = AddRequest.objects.filter(due.orphaned(now), torrent__account=account)
    orphans.update(state=RequestState.UNSURE, due_at=now, unsure_since=now, claimed_at=None)


def _look_again_or_send(account: TorBoxAccount, request: AddRequest, looked_at: datetime) -> None:
    since = _unsure_since(request, looked_at)
    settled = since + timedelta(seconds=settings.SETTLE_SECONDS)
    if looked_at >= settled:
        request.put_back(timezone.now(), unsure_since=None)
        return
    pause = timedelta(seconds=settings.SETTLE_SECONDS / LOOKS)
    _look_later(account, request, min(looked_at + pause, settled), since, settled)


def _unsure_since(request: AddRequest, looked_at: datetime) -> datetime:
    """Return since when the torrent has been missing from fresh lists.

    A look long after it was due doesn't prove the time in between: the clock may have been set ahead, or the machine
    suspended.
    """
    if request.unsure_since is None or looked_at - request.due_at > STANDSTILL:
        return looked_at
    return min(request.unsure_since, looked_at)


@in_transaction
def _look_later(
    account: TorBoxAccount, request: AddRequest, due_at: datetime, since: datetime, settled: datetime
) -> None:
    if not account.lock() or not request.put_back(due_at, RequestState.UNSURE, unsure_since=since):
        return
    why, row = (
        Explanation(Reason.ANSWER_LOST, {"until": settled.isoformat(timespec="seconds")}),
        request.torrent,
    )
    if (row.reason, row.reason_params) != (why.reason, why.params):
        waiting.record_waits(Torrent.objects.filter(request=request), why.reason)
        due.write(account, row, **why.columns(), waiting_until=None, waiting_place=None)


def find_accepted(account: TorBoxAccount) -> None:
    """Find torrents that TorBox accepted without an id by info hash, in one fresh list."""
    lost = Torrent.objects.listed().filter(
        account=account, status=Status.QUEUED, remote_id=None, queued_id=None
    )
    if lost.filter(recent("sent_at", JUST_SENT, timezone.now())).exists():
        refreshing.refresh(account, fresh=True)
