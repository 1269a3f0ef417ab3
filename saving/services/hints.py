"""Hint a saver at jobs. The rows say what is due, so a lost hint costs some seconds."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from django.db import transaction

from torrents import queueing

SAVE, DELETE, QUEUE = "saving.tasks.save_job", "saving.tasks.delete_files", "saving"
HINTED = 4  # jobs at a time; each saver looks for the next by itself
EXPIRES = 60  # seconds


def hint_on_commit(job_ids: Sequence[int], task: str = SAVE) -> None:
    """Queue the first of these jobs once their rows are committed."""
    transaction.on_commit(partial(hint, list(job_ids[:HINTED]), task))


def hint(job_ids: Sequence[int], task: str = SAVE) -> None:
    """Queue jobs now. If the broker refuses, log it."""
    try:
        for job_id in job_ids:
            queueing.publish(task, (job_id,), queue=QUEUE, expires=EXPIRES)
    except queueing.BrokerError as error:
        queueing.warn(error)
