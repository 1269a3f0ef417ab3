"""The saver: the worker that takes the queue of jobs that save to disk, and no other."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from typing import Any

from celery import Celery, bootsteps
from django.conf import settings
from django.db import close_old_connections, connections

from saving.aria2 import engine as aria2
from saving.engine import runner
from saving.services import claims, deleting, hints
from torrents.services.upkeep import heartbeats

from .worker import log_failure

LOOK_SECONDS = 5.0
THREADS = 8  # as many as files at a time
TIDY_SECONDS = 60.0  # between two looks for downloads of aria2 that no job needs


def is_saver(worker: Any) -> bool:
    """Return whether this worker takes jobs that save to disk."""
    return hints.QUEUE in worker.app.amqp.queues.consume_from


class StopsSaving(bootsteps.StartStopStep):  # type: ignore[misc]
    """Ask the threads that save files to stop, as soon as the worker is asked to. They keep their partial files."""

    requires = ("celery.worker.components:Pool",)

    def include_if(self, worker: Any) -> bool:
        return is_saver(worker)

    def create(self, worker: Any) -> None:
        os.umask(settings.UMASK)

    def start(self, worker: Any) -> None:
        runner.start()

    def close(self, worker: Any) -> None:
        """Stop them before the pool waits for its threads."""
        runner.stop()

    def stop(self, worker: Any) -> None:
        runner.stop()


class DueJobs(threading.Thread):
    """Begin jobs that are due, every 5 s, whether messages arrive or not.

    So no message has to be repeated for a job that waits, and saving goes on without a broker.
    """

    def __init__(self, app: Celery) -> None:
        super().__init__(name="due jobs", daemon=True)
        self.stopped = threading.Event()
        self.threads = ThreadPoolExecutor(THREADS + 1, "due jobs")  # one more, for deleting
        self.deleting: Future[None] | None = None
        self.tidied_at = time.monotonic()

    def run(self) -> None:
        while not self.stopped.wait(LOOK_SECONDS):
            self._look()

    def stop(self) -> None:
        self.stopped.set()
        self.threads.shutdown(wait=False, cancel_futures=True)

    def _look(self) -> None:
        try:
            close_old_connections()
            heartbeats.saver_is_alive()
            if free := runner.free_lanes():
                for _ in claims.due_ids()[:free]:
                    self.threads.submit(self._do, runner.go_on)
            self._tidy()
            if self.deleting is None or self.deleting.done():
                self.deleting = self.threads.submit(self._do, deleting.delete_due)
        except Exception as error:
            log_failure("Looking for jobs", error)
        finally:
            connections.close_all()

    def _tidy(self) -> None:
        if aria2.is_configured() and time.monotonic() - self.tidied_at > TIDY_SECONDS:
            self.tidied_at = time.monotonic()
            with suppress(aria2.Aria2Error):  # Jobs that need it say so.
                aria2.tidy()

    def _do(self, work: Callable[[], None]) -> None:
        try:
            close_old_connections()
            work()
        except Exception as error:
            log_failure("Saving", error)
        finally:
            connections.close_all()


class LooksForDueJobs(bootsteps.StartStopStep):  # type: ignore[misc]
    requires = ("celery.worker.components:Pool",)

    def include_if(self, worker: Any) -> bool:
        return is_saver(worker)

    def create(self, worker: Any) -> DueJobs:
        return DueJobs(worker.app)
