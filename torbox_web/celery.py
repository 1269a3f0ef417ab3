"""The Celery application. What it runs is in `torrents/tasks.py`, when it runs is in settings."""

import os

from celery import Celery
from click import Option

from . import queue_folder  # noqa: F401 - registers the transport of a folder as queue

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "torbox_web.settings")

# Checks import every view and form, which the worker never shows; `manage.py prepare` runs them.
os.environ.setdefault("CELERY_SKIP_CHECKS", "1")

app = Celery("torbox_web", task_cls="torbox_web.worker:Task")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.steps["worker"] |= {"torbox_web.beat:WithBeat", "torbox_web.worker:GiveWay"}
app.user_options["worker"].add(Option(["--with-beat"], is_flag=True, help="Beat as a thread of this worker."))
