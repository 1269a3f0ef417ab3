"""Finding out what became of a call without a clear answer: look, by info hash, before sending again."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.models import TorBoxAccount

from ..formatting import clock
from ..models import AddRequest, RequestState, Torrent
from ..states import Status
from . import outbox, refreshing, waiting

LOST = "TorBox’s answer got lost"
LOOKS = 6  # before the time to settle is over


def resolve_unsure(account: TorBoxAccount) -> None:
    """Look at fresh list and queue for what may have arrived; when they cannot be had, another time.

    Raises `outbox.Stop` when that is because TorBox does not answer: one call is probe enough.

    What they show is fulfilled by `applying`. What they lack goes back to be sent only when they still lack it
    SETTLE_SECONDS after the call: fresh lists have been seen to lag (docs/torbox-api.md#quirks).
    """
    now = timezone.now()
    _adopt_orphans(account, now)
    unsure = outbox.due(now, account).filter(state=RequestState.UNSURE)
    if not unsure.exists():
        return
    if not refreshing.refresh(account, fresh=True):
        if TorBoxAccount.objects.askable(timezone.now()).filter(pk=account.pk).exists():
            return
        raise outbox.Stop
    left = list(unsure.defer("torrent_file").select_related("torrent"))
    for request in left:
        _look_again_or_send(account, request, now)


def _adopt_orphans(account: TorBoxAccount, now: datetime) -> None:
    """A worker died between claiming and writing down what came of it: the call may have been made."""
    orphans = AddRequest.objects.filter(outbox.orphaned(now), torrent__account=account)
    orphans.update(state=RequestState.UNSURE, due_at=now, unsure_since=now, claimed_at=None)


def _look_again_or_send(account: TorBoxAccount, request: AddRequest, looked_at: datetime) -> None:
    settled = (request.unsure_since or looked_at) + timedelta(seconds=settings.SETTLE_SECONDS)
    if looked_at >= settled:
        request.put_back(timezone.now(), unsure_since=None)
        return
    pause = timedelta(seconds=settings.SETTLE_SECONDS / LOOKS)
    request.put_back(min(looked_at + pause, settled), RequestState.UNSURE)
    reason = (
        f"TorBox’s answer got lost; looking for it, and sending again at {clock(settled)} if it is not there"
    )
    if request.torrent.waiting_for != reason:
        with transaction.atomic():
            waiting.tell(Torrent.objects.filter(request=request), LOST)
            outbox.write(account, request.torrent, waiting_for=reason, waiting_until=None, waiting_place=None)


def find_accepted(account: TorBoxAccount) -> None:
    """Where TorBox said yes without an id, one fresh look at everything finds them all by info hash."""
    lost = Torrent.objects.listed().filter(
        account=account, status=Status.QUEUED, remote_id=None, queued_id=None
    )
    if lost.filter(sent_at__gt=timezone.now() - timedelta(minutes=2)).exists():
        refreshing.refresh(account, fresh=True)
