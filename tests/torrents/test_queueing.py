"""Tasks are queued by name, so every name has to be one that a worker knows."""

from __future__ import annotations

from typing import get_args

from django.conf import settings

from torbox_web.celery import app
from torbox_web.queue.beat import ONE_BY_ONE
from torrents import queueing


def test_workers_know_every_task_that_services_or_the_schedule_queue():
    app.loader.import_default_modules()
    queued = {f"torrents.tasks.{name}" for name in get_args(queueing.TaskName)}
    scheduled = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}
    assert queued and scheduled and queued | scheduled | {ONE_BY_ONE} <= set(app.tasks)
