"""Find due work in the database while no messages reach the worker."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from celery import Celery, bootsteps
from django.conf import settings
from django.db import close_old_connections, connections

from notifications.services import delivering
from torrents.services.outbox import controls, edits, sending
from torrents.services.sync import refreshing, usage
from torrents.services.upkeep import heartbeats

from .saver import is_saver
from .worker import LastMessage, log_failure

logger = logging.getLogger(__name__)

POLL_SECONDS = 15.0
THREADS = 4
REGULAR = {
    "notifications.tasks.read_events": 0.0,
    "notifications.tasks.look_at_states": 300.0,
    "notifications.tasks.summarize": 900.0,
    "notifications.tasks.prune": 3600.0,
    "links.tasks.prune": 3600.0,
    "api.tasks.prune": 3600.0,
    "api.tasks.fetch_links": 0.0,
}
"""Tasks of beat that find their work themselves, with the seconds between two runs at least."""
REGULAR_WITH_SAVING = {
    "saving.tasks.look": 0.0,
    "saving.tasks.follow_up": 300.0,
    "saving.tasks.prune": 3600.0,
}
"""More of them while saving to disk is on."""

Work = tuple[str, tuple[int, ...]]
"""A task by its full name, and its ids."""


class DueWork(threading.Thread):
    """Do due work every 15 s while no message arrives, because of the broker, beat, or the connection.

    Each task takes a lease or claims its rows, so a message that arrives after all does no harm.
    """

    def __init__(self, app: Celery) -> None:
        super().__init__(name="due work", daemon=True)
        self.app = app
        self.stopped = threading.Event()
        self.threads = ThreadPoolExecutor(THREADS, "due work")
        self.under_way: set[Work] = set()
        self.began_at: dict[Work, float] = {}
        self.looked_at = -float("inf")

    def run(self) -> None:
        while not self.stopped.wait(self._wait):
            if not self._wait:
                self.looked_at = time.monotonic()
                self._look()

    @property
    def _wait(self) -> float:
        """Return the seconds until it is time to look, unless a message arrives before."""
        return max(0.0, max(LastMessage.at, self.looked_at) + POLL_SECONDS - time.monotonic())

    def stop(self) -> None:
        self.stopped.set()
        self.threads.shutdown(wait=False, cancel_futures=True)

    def _look(self) -> None:
        cause = {"cause": "no messages"}
        logger.warning("No task has come through the queue for 15 s. Looking for due work.", extra=cause)
        try:
            close_old_connections()
            heartbeats.worker_is_alive()
            for work in (*due_work(), *self._regular_work()):
                if work not in self.under_way:
                    self.under_way.add(work)
                    self.threads.submit(self._do, work)
        except Exception as error:
            log_failure("Looking for due work", error)
        finally:
            connections.close_all()

    def _regular_work(self) -> Iterator[Work]:
        """Yield the regular tasks whose time it is. This process remembers only what it ran itself."""
        now = time.monotonic()
        for name, seconds in (REGULAR | (REGULAR_WITH_SAVING if settings.SAVE_DIR else {})).items():
            work: Work = (name, ())
            if now - self.began_at.get(work, -float("inf")) >= seconds:
                self.began_at[work] = now
                yield work

    def _do(self, work: Work) -> None:
        name, ids = work
        try:
            close_old_connections()
            self.app.tasks[name](*ids)
        except Exception as error:
            log_failure(name, error)
        finally:
            self.under_way.discard(work)
            connections.close_all()


def due_work() -> Iterator[Work]:
    """Yield the tasks that beat would queue now, starting with those that people wait for."""
    for account_id in sending.account_ids_with_due():
        yield "torrents.tasks.send_adds", (account_id,)
    for account_id in controls.account_ids_with_due():
        yield "torrents.tasks.send_controls", (account_id,)
    for account_id in edits.account_ids_with_due():
        yield "torrents.tasks.send_edits", (account_id,)
    for account_id in refreshing.watched_account_ids():
        yield "torrents.tasks.watch_account", (account_id,)
    for account_id in refreshing.due_account_ids():
        yield "torrents.tasks.refresh_account", (account_id,)
    if delivering.has_due():
        yield "notifications.tasks.deliver", ()
    for account_id in usage.due_account_ids():
        yield "torrents.tasks.read_usage", (account_id,)


class LooksForDueWork(bootsteps.StartStopStep):  # type: ignore[misc]
    requires = ("celery.worker.components:Pool",)

    def include_if(self, worker: Any) -> bool:
        return not is_saver(worker)

    def create(self, worker: Any) -> DueWork:
        return DueWork(worker.app)
