"""Forget what nobody needs any more, so that nothing grows for ever."""

from __future__ import annotations

from datetime import timedelta

from django.contrib.sessions.models import Session
from django.utils import timezone

from accounts.models import UpstreamCall
from accounts.services import prune_signing_in

from ..models import Activity, Batch, ControlRequest, CreateCall, Heartbeat, RequestState, Torrent

CALLS_KEPT = timedelta(days=1)
REMOVED_KEPT = timedelta(days=30)
CONTROLS_KEPT = timedelta(days=7)
ACTIVITY_KEPT = timedelta(days=365)


def prune() -> None:
    now = timezone.now()
    CreateCall.objects.filter(at__lt=now - CALLS_KEPT).delete()
    ended = [RequestState.DONE, RequestState.FAILED]
    ControlRequest.objects.filter(state__in=ended, created_at__lt=now - CONTROLS_KEPT).delete()
    Batch.objects.filter(created_at__lt=now - CONTROLS_KEPT).delete()
    UpstreamCall.objects.filter(at__lt=now - CALLS_KEPT).delete()
    Heartbeat.objects.filter(at__lt=now - CALLS_KEPT).delete()
    Torrent.objects.filter(removed_at__lt=now - REMOVED_KEPT, controls=None).delete()
    Activity.objects.filter(at__lt=now - ACTIVITY_KEPT).delete()
    Session.objects.filter(expire_date__lt=now).delete()
    prune_signing_in()
