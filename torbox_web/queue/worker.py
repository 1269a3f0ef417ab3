"""Set up the Celery worker and its tasks."""

from __future__ import annotations

import logging
import os
import time
from typing import Any

from celery import bootsteps
from django.db import Error

from accounts.store_errors import is_refusal, reason_of
from care.request_ids import TracedTask

from . import malloc

logger = logging.getLogger(__name__)

NICE = 5


class GiveWay(bootsteps.Step):  # type: ignore[misc]
    """Run the worker at a lower priority: reading a large list takes a core for a second or two, and pages go first."""

    def create(self, worker: Any) -> None:
        os.nice(NICE)


class LastMessage:
    """When this process last started a task from the queue, by the monotonic clock."""

    at = time.monotonic()


class Task(TracedTask):
    """A task that carries the request's id, returns its memory, and logs database failures briefly."""

    abstract = True
    throws = (Error,)  # Celery logs these without a traceback. on_failure logs more

    def before_start(self, task_id: str, args: Any, kwargs: Any) -> None:
        LastMessage.at = time.monotonic()
        super().before_start(task_id, args, kwargs)

    def on_failure(self, error: Exception, task_id: str, args: Any, kwargs: Any, einfo: Any) -> None:
        if isinstance(error, Error):
            log_failure(self.name, error)
        super().on_failure(error, task_id, args, kwargs, einfo)

    def after_return(self, *what: Any) -> None:
        super().after_return(*what)
        malloc.give_back()


def log_failure(name: str, error: Exception) -> None:
    """Log a failure: one line a minute while the database refuses, since rows stay due, otherwise with a traceback."""
    if is_refusal(error):
        reason = reason_of(error)
        message = "%s stopped. The database isn't working (%s). The work stays due."
        logger.warning(message, name, reason, extra={"cause": f"task {reason}"})
    else:
        logger.error("%s failed.", name, exc_info=error)
