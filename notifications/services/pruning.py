"""Delete old notifications and messages, so that nothing grows forever."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import F, Q, QuerySet
from django.utils import timezone

from torrents.states import Status

from ..events import NEEDS_ATTENTION, Kind
from ..models import Delivery, DeliveryState, Notification
from . import signed_in_devices

READ_KEPT = timedelta(days=30)
KEPT = timedelta(days=90)
SENT_KEPT = timedelta(days=30)
ENDED_KEPT = timedelta(days=7)


def prune() -> None:
    """Delete old rows (docs/operating.md#what-is-kept-and-for-how-long), and devices that are signed out."""
    signed_in_devices.forget_signed_out()
    now = timezone.now()
    _prune_notifications(now)
    sent = Delivery.objects.filter(state=DeliveryState.SENT, is_test=False)
    sent.filter(ended_at__lt=now - SENT_KEPT).delete()
    ended = Delivery.objects.exclude(state__in=[DeliveryState.WAITING, DeliveryState.SENDING])
    ended = ended.filter(~Q(state=DeliveryState.SENT) | Q(is_test=True))
    ended.filter(ended_at__lt=now - ENDED_KEPT).delete()


def _prune_notifications(now: datetime) -> None:
    """Delete what was read a month ago, and all that is older. What still lasts stays, or people would be told again."""
    lasts = Q(kind__in=NEEDS_ATTENTION, resolved_at=None) | _still_stalled()
    seen = Q(read_at__isnull=False) | Q(in_bell=False)
    old = Q(at__lt=now - KEPT) | seen & Q(at__lt=now - READ_KEPT)
    Notification.objects.exclude(lasts).filter(old).exclude(_in_newer_burst(now)).delete()


def _still_stalled() -> Q:
    return Q(kind=Kind.STALLED, torrent__status=Status.STALLED, torrent__status_since__lte=F("at"))


def _in_newer_burst(now: datetime) -> Q:
    """Match the first of a burst whose other notifications stay a few minutes longer."""
    newer: QuerySet[Notification] = Notification.objects.filter(burst__isnull=False)
    return Q(pk__in=newer.filter(at__gte=now - READ_KEPT).values("burst"))
