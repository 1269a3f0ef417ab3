"""The Celery application. Its tasks are in `torrents/tasks.py`, their schedule is in the settings."""

import os

from click import Option

from care.request_ids import TracedCelery

from .queue import filesystem_broker  # noqa: F401 - registers the transport that uses a folder as the queue

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "torbox_web.settings")

# Checks import every view and form, which a worker doesn't need. `make check` runs them.
os.environ.setdefault("CELERY_SKIP_CHECKS", "1")

app = TracedCelery("torbox_web", task_cls="torbox_web.queue.worker:Task")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.steps["worker"] |= {
    "torbox_web.queue.beat:WithBeat",
    "torbox_web.queue.due_work:LooksForDueWork",
    "torbox_web.queue.saver:LooksForDueJobs",
    "torbox_web.queue.saver:StopsSaving",
    "torbox_web.queue.worker:GiveWay",
}
app.user_options["worker"].add(
    Option(["--with-beat"], is_flag=True, help="Run beat in a thread of this worker.")
)
