"""Celery's beat without a file of its own, of which any number may run, and with a sign of life."""

from __future__ import annotations

import os
import signal
import socket
import threading
import time
from typing import Any
from uuid import uuid4

from celery import bootsteps
from celery.beat import Scheduler, Service
from django.db import DatabaseError, close_old_connections
from kombu.exceptions import OperationalError

LEASE = "beat"
LEASE_SECONDS = 20  # after this long a beat that died is replaced
RENEWED_SECONDS = 5
MOST_MESSAGES = 1000  # in the queue: more hints would only make it longer


class SteadyScheduler(Scheduler):
    """Of all beats of an instance one hands out work: the one that holds the lease. The others stand by.

    Every entry of ours may run early or twice, so nothing needs to be remembered between starts. A kept
    schedule can be broken by a kill and cannot be shared by two beats; this one is neither.
    """

    def __init__(self, *args: object, **kwargs: object) -> None:
        self.holder = f"{socket.gethostname()} {uuid4().hex}"[-120:]
        self.tried_at = self.held_at = -float("inf")
        self.queue_is_full = False
        super().__init__(*args, **kwargs)

    def tick(self, *args: object, **kwargs: object) -> float:
        if time.monotonic() - self.tried_at >= RENEWED_SECONDS:
            self._renew()
        if not self.leads or self.queue_is_full:
            return float(RENEWED_SECONDS)
        return float(super().tick(*args, **kwargs))

    def close(self) -> None:
        """Ended on purpose: another beat need not wait for the lease to run out."""
        super().close()
        from care.models import Lease

        try:
            Lease.drop(LEASE, self.holder)
        except DatabaseError:
            self.logger.warning("Beat's lease was not given back.")

    @property
    def leads(self) -> bool:
        return time.monotonic() - self.held_at < LEASE_SECONDS

    def _renew(self) -> None:
        from care.models import Lease
        from torrents.services import heartbeats

        led, self.tried_at = self.leads, time.monotonic()
        try:
            close_old_connections()
            self.held_at = self.tried_at if Lease.take(LEASE, self.holder, LEASE_SECONDS) else -float("inf")
            if self.leads:
                heartbeats.beat_is_alive()
                self.queue_is_full = self._is_queue_full()
        except DatabaseError:
            self.logger.warning("Beat's lease and sign of life were not written down.")
        if led != self.leads:
            self.logger.info("This beat %s.", "hands out the work" if self.leads else "stands by")

    def _is_queue_full(self) -> bool:
        """No worker takes anything: what is due stays in the rows, and the queue does not grow for days."""
        from torrents.status.machinery import messages_waiting

        try:
            return messages_waiting() >= MOST_MESSAGES
        except (OperationalError, OSError):
            return False


class BeatThread(threading.Thread):
    """Beat in the process of a worker, which ends when beat does, so that what keeps the worker starts both again."""

    def __init__(self, app: Any, scheduler: str) -> None:
        super().__init__(name="beat", daemon=True)
        # A second, until it sees that it is to stop.
        self.service = Service(app, max_interval=1, scheduler_cls=scheduler)
        self.asked_to_stop = False

    def run(self) -> None:
        try:
            self.service.start()
        finally:
            if not self.asked_to_stop:
                os.kill(os.getpid(), signal.SIGTERM)

    def stop(self) -> None:
        self.asked_to_stop = True
        self.service.stop()
        if self.is_alive():
            self.join()  # the service's own way to wait never ends when it has failed at its start


class WithBeat(bootsteps.StartStopStep):
    """`celery worker --with-beat`. Celery's own `--beat` makes a process, which holds all of the app once more."""

    requires = ("celery.worker.components:Pool",)

    def __init__(self, worker: Any, with_beat: bool = False, **options: Any) -> None:
        super().__init__(worker, with_beat=with_beat, **options)
        self.enabled = with_beat

    def create(self, worker: Any) -> BeatThread:
        return BeatThread(worker.app, worker.scheduler)
