"""Send torrents that wait for a slot when TorBox's list shows that one is free."""

from __future__ import annotations

from django.utils import timezone

from accounts.models import TorBoxAccount
from torrents import queueing
from torrents.models import AddRequest, RequestState
from torrents.reasons import Reason


def wake_for_slot(account: TorBoxAccount) -> None:
    """Make requests due that wait for a slot, if fewer are in use than when TorBox had none free."""
    requests = AddRequest.objects.filter(torrent__account=account, state=RequestState.WAITING)
    waiting = requests.filter(waits_for__in=[Reason.NO_SLOT, Reason.QUEUE_FULL])
    if not waiting.exists():
        return
    if waiting.filter(slots_used__gt=account.slots_used).update(due_at=timezone.now(), waits_for=""):
        queueing.enqueue_on_commit("send_adds", account.pk)
