"""What the parts of sending share: which requests are due, and how a waiting row is written."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import TorBoxAccount

from ..models import AddRequest, ControlRequest, RequestState, Torrent

NO_WAIT: dict[str, object] = {"waiting_for": "", "waiting_until": None, "waiting_place": None}


class Stop(Exception):
    """Nothing more can be sent for this account now."""


def due(now: datetime, account: TorBoxAccount | None = None) -> QuerySet[AddRequest]:
    """What may be looked at now. A deletion on its way is waited for; what may have arrived is found out either way."""
    deleting = ControlRequest.objects.filter(torrent=OuterRef("torrent"), state=RequestState.SENDING)
    wanted = Q(torrent__removed_at=None) & ~Exists(deleting.filter(operation="delete"))
    waiting = Q(state=RequestState.WAITING, due_at__lte=now) & wanted
    unsure = Q(state=RequestState.UNSURE, due_at__lte=now)
    requests = AddRequest.objects.filter(waiting | unsure | orphaned(now))
    return requests.filter(torrent__account=account) if account else requests


def orphaned(now: datetime) -> Q:
    """Claimed by a worker that must have died: no call takes this long."""
    return Q(state=RequestState.SENDING, claimed_at__lt=now - timedelta(seconds=settings.LEASE_SECONDS))


def write(account: TorBoxAccount, torrent: Torrent, **fields: object) -> bool:
    """Change the row under a new revision; False when it is gone. Inside a transaction."""
    fields["revision"] = account.next_revision()
    for name, value in fields.items():
        setattr(torrent, name, value)
    return Torrent.objects.filter(pk=torrent.pk).update(**fields) == 1
