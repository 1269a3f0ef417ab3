"""Nothing grows forever: old rows, sessions, cache entries, and files are deleted, and the rest stays."""

from __future__ import annotations

import os
import re
import time
from datetime import timedelta
from pathlib import Path

import pytest
from allauth.usersessions.models import UserSession
from django.apps import apps
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.cache import caches
from django.db import connection
from django.utils import timezone

from accounts.models import UpstreamCall
from tests.factories import make_torrent
from torrents.models import Activity, Batch, ControlRequest, CreateCall, EditRequest, Heartbeat, Torrent
from torrents.services.upkeep import pruning

ROOT = Path(__file__).parents[2]
LONG_AGO = timezone.now() - timedelta(days=400)


def everything_that_grows(cast, at) -> None:
    """Make one row of each kind, as old as `at`."""
    torrent = make_torrent(cast.account, f"Removed {at}", removed_at=at, remote_id=None)
    batch = Batch.objects.create(person=cast.owner, operation="pause", created_at=at)
    kept = make_torrent(cast.account, f"Kept {at}")
    ControlRequest.objects.create(torrent=kept, batch=batch, operation="pause", state="done", created_at=at)
    EditRequest.objects.create(
        torrent=kept, batch=batch, name="A film", state="failed", created_at=at, due_at=at
    )
    CreateCall.objects.create(account=cast.account, at=at)
    UpstreamCall.objects.create(account=cast.account, endpoint="mylist", at=at)
    Heartbeat.objects.create(name=f"worker {at}", at=at)
    Activity.objects.create(account=cast.account, torrent=torrent, kind="added", at=at)
    Session.objects.create(session_key=f"key{at:%Y}", session_data="", expire_date=at + timedelta(days=30))
    UserSession.objects.create(
        user=cast.owner, session_key=f"key{at:%Y}", ip="10.0.0.1", user_agent="", data={}
    )


GROWING = [
    Batch,
    ControlRequest,
    EditRequest,
    CreateCall,
    UpstreamCall,
    Heartbeat,
    Activity,
    Session,
    UserSession,
]


def test_old_rows_go_and_new_ones_stay(cast):
    Heartbeat.objects.all().delete()  # a probe of /health/ready writes one from a thread of its own
    everything_that_grows(cast, LONG_AGO)
    everything_that_grows(cast, timezone.now())
    pruning.prune()
    assert {model: model.objects.count() for model in GROWING} == dict.fromkeys(GROWING, 1)
    assert Torrent.objects.removed().count() == 1 and Torrent.objects.listed().count() == 2


def test_expired_entries_leave_the_cache_table_and_others_stay(db):
    cache = caches["table" if settings.REDIS_URL else "default"]
    cache.clear()
    cache.set("good", 1, 3600)
    cache.set("over", 1, -1)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE cache SET expires = '2020-01-01 00:00:00' WHERE cache_key LIKE '%%good%%'")
        cache.set("fresh", 1, 3600)
        pruning.prune()
        cursor.execute("SELECT cache_key FROM cache")
        assert [key for (key,) in cursor.fetchall()] == [":1:fresh"]


@pytest.mark.skipif(bool(settings.REDIS_URL), reason="there is no queue folder")
def test_messages_to_former_workers_and_half_read_ones_are_deleted(db):
    options = settings.CELERY_BROKER_TRANSPORT_OPTIONS
    folders = [Path(options["data_folder_in"]), Path(options["processed_folder"])]
    old = [folder / "1_a.celery@gone.celery.pidbox.msg" for folder in folders] + [folders[0] / ".2_draft.msg"]
    fresh = folders[0] / "3_c.elsewhere.msg"
    for path in [*old, fresh]:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("{}")
    for path in old:
        os.utime(path, (time.time() - 200_000,) * 2)
    pruning.prune()
    assert not [path for path in old if path.exists()] and fresh.exists()
    fresh.unlink()


def test_the_docs_say_for_every_table_and_folder_how_long_it_is_kept():
    text = (ROOT / "docs" / "operating.md").read_text()
    section = text.partition("## What is kept, and for how long")[2].partition("\n## ")[0]
    named = set(re.findall(r"`(\w+)`", section))
    ours = [
        model
        for model in apps.get_models()
        if model._meta.app_label in {"accounts", "links", "notifications", "saving", "torrents"}
    ]
    assert {model.__name__ for model in [*ours, Session, UserSession]} <= named
    folders = {path.name for path in settings.DATA_DIR.glob("*") if path.is_dir() and path.name != "static"}
    assert folders <= named
