"""Forget what nobody needs any more, so that nothing grows for ever."""

from __future__ import annotations

import time
from datetime import timedelta
from pathlib import Path

from celery import current_app
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import connection
from django.utils import timezone

from accounts.models import UpstreamCall
from accounts.services import prune_signing_in
from accounts.totals import add_up

from ..models import Activity, Batch, ControlRequest, CreateCall, Heartbeat, RequestState, Torrent
from . import heartbeats

CALLS_KEPT = timedelta(days=1)
REMOVED_KEPT = timedelta(days=30)
CONTROLS_KEPT = timedelta(days=7)
ACTIVITY_KEPT = timedelta(days=365)
MESSAGES_KEPT = timedelta(days=1)


def prune() -> None:
    """What grows by itself, and how long each is kept: docs/operating.md#what-is-kept-and-for-how-long."""
    now = timezone.now()
    CreateCall.objects.filter(at__lt=now - CALLS_KEPT).delete()
    ended = [RequestState.DONE, RequestState.FAILED]
    ControlRequest.objects.filter(state__in=ended, created_at__lt=now - CONTROLS_KEPT).delete()
    Batch.objects.filter(created_at__lt=now - CONTROLS_KEPT).delete()
    add_up()
    UpstreamCall.objects.filter(at__lt=now - CALLS_KEPT).delete()
    Heartbeat.objects.filter(at__lt=now - CALLS_KEPT).exclude(name=heartbeats.BACKUP).delete()
    Torrent.objects.filter(removed_at__lt=now - REMOVED_KEPT, controls=None).delete()
    Activity.objects.filter(at__lt=now - ACTIVITY_KEPT).delete()
    Session.objects.filter(expire_date__lt=now).delete()
    prune_signing_in()
    _prune_cache()
    _sweep_queue_folder()


def _prune_cache() -> None:
    """Django's cache table drops what is over only when it is full or asked for; Redis does it by itself."""
    cache = settings.CACHES["default"]
    if "DatabaseCache" not in cache["BACKEND"]:
        return
    table = connection.ops.quote_name(str(cache["LOCATION"]))
    now = connection.ops.adapt_datetimefield_value(timezone.now().replace(microsecond=0))
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {table} WHERE expires < %s", [now])  # noqa: S608 - our own table


def _sweep_queue_folder() -> None:
    """Messages to workers that are no more, and what somebody held who was killed. What they hinted at is in rows."""
    options = current_app.conf.broker_transport_options
    folders = {options.get("data_folder_in"), options.get("processed_folder")} - {None}
    oldest = time.time() - MESSAGES_KEPT.total_seconds()
    for path in [path for folder in folders for path in Path(folder).glob("*")]:
        try:
            if path.stat().st_mtime < oldest:
                path.unlink()
        except FileNotFoundError:
            continue  # taken by a worker in the meantime
