"""Delete what is no longer needed, so that nothing grows forever."""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from pathlib import Path

from celery import current_app
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import connection, transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from accounts.models import UpstreamCall
from accounts.services import prune_signing_in
from accounts.totals import add_up
from accounts.transactions import lock_accounts
from torrents.models import (
    Activity,
    Batch,
    ControlRequest,
    CreateCall,
    EditRequest,
    Heartbeat,
    RequestState,
    Torrent,
)

from . import heartbeats

CALLS_KEPT = timedelta(days=1)
REMOVED_KEPT = timedelta(days=30)
CONTROLS_KEPT = timedelta(days=7)
ACTIVITY_KEPT = timedelta(days=365)
MESSAGES_KEPT = timedelta(days=1)


def prune() -> None:
    """Delete old rows of all kinds (docs/operating.md#what-is-kept-and-for-how-long)."""
    now = timezone.now()
    CreateCall.objects.filter(at__lt=now - CALLS_KEPT).delete()
    ended = [RequestState.DONE, RequestState.FAILED]
    ControlRequest.objects.filter(state__in=ended, created_at__lt=now - CONTROLS_KEPT).delete()
    # An edit may wait for weeks, until the torrent is on TorBox. Its `due_at` is when it ended.
    EditRequest.objects.filter(state__in=ended, due_at__lt=now - CONTROLS_KEPT).exclude(
        EditRequest.LASTING
    ).delete()
    edits = EditRequest.objects.filter(batch=OuterRef("pk"))
    Batch.objects.filter(~Exists(edits), created_at__lt=now - CONTROLS_KEPT).delete()
    add_up()
    UpstreamCall.objects.filter(at__lt=now - CALLS_KEPT).delete()
    Heartbeat.objects.filter(at__lt=now - CALLS_KEPT).exclude(name=heartbeats.BACKUP).delete()
    _prune_removed(now)
    Activity.objects.filter(at__lt=now - ACTIVITY_KEPT).delete()
    Session.objects.filter(expire_date__lt=now).delete()
    prune_signing_in()
    _prune_cache()
    _sweep_queue_folder()


def _prune_removed(now: datetime) -> None:
    """Delete old deleted torrents account by account. An account is locked before its rows, as everywhere."""
    removed = Torrent.objects.filter(removed_at__lt=now - REMOVED_KEPT, controls=None)
    for account_id in removed.order_by().values_list("account_id", flat=True).distinct():
        with transaction.atomic():
            lock_accounts([account_id])
            removed.filter(account=account_id).delete()


def _prune_cache() -> None:
    """Delete expired rows of the cache table. Django deletes them only if it is full, or when they are read."""
    cache = settings.CACHES.get("table", settings.CACHES["default"])
    table = connection.ops.quote_name(str(cache["LOCATION"]))
    now = connection.ops.adapt_datetimefield_value(timezone.now().replace(microsecond=0))
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {table} WHERE expires < %s", [now])  # noqa: S608 - our own table


def _sweep_queue_folder() -> None:
    """Delete messages to workers that no longer exist, and those held by killed ones. The work itself is in rows."""
    options = current_app.conf.broker_transport_options
    folders = {options.get("data_folder_in"), options.get("processed_folder")} - {None}
    oldest = time.time() - MESSAGES_KEPT.total_seconds()
    for path in [path for folder in folders for path in Path(folder).glob("*")]:
        try:
            if path.stat().st_mtime < oldest:
                path.unlink()
        except FileNotFoundError:
            continue  # A worker took it in the meantime.
