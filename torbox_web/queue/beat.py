"""Celery's beat with a leader lease and a heartbeat, and without a schedule file. Any number of beats may run."""

from __future__ import annotations

import os
import signal
import socket
import threading
import time
from contextlib import closing
from typing import Any
from uuid import uuid4

from celery import bootsteps
from celery.beat import Scheduler, Service
from django.db import Error, close_old_connections

LEASE = "beat"
LEASE_SECONDS = 20  # a beat that died is replaced after this long
RENEWED_SECONDS = 5
A_MOMENT = 0.5  # entries that are due within it share a message, because a message costs more than most of their work
ONE_BY_ONE = "torrents.tasks.one_by_one"
MAX_MESSAGES = 1000  # in the queue, above which beat adds none


class LeaderScheduler(Scheduler):
    """Run the schedule only while holding the leader lease, so any number of beats may run.

    Each of our entries may run early or twice, so nothing is stored between starts. A stored schedule breaks if beat is
    killed while writing, and two beats can't share it. Due times use the monotonic clock: if the system clock went back
    by a day, beat would otherwise be idle for that day.
    """

    def __init__(self, *args: object, **kwargs: object) -> None:
        self.holder = f"{socket.gethostname()} {uuid4().hex}"[-120:]
        self.tried_at = self.held_at = -float("inf")
        self.queue_is_full = False
        super().__init__(*args, **kwargs)
        now = time.monotonic()
        self.due_at = {name: now + self._interval(entry) for name, entry in self.schedule.items()}

    def tick(self, *args: object, **kwargs: object) -> float:
        """Publish the entries that are due. Return the seconds until the next tick."""
        if time.monotonic() - self.tried_at >= RENEWED_SECONDS:
            self._renew()
        if not self.leads or self.queue_is_full:
            return float(RENEWED_SECONDS)
        self._publish_due()
        wait = min(self.due_at.values()) - time.monotonic()
        return float(max(0.0, min(wait, self.max_interval, RENEWED_SECONDS)))

    def close(self) -> None:
        """Drop the lease, so that another beat doesn't have to wait until it expires."""
        super().close()
        from care.models import InstanceLease

        try:
            InstanceLease.of(LEASE, self.holder, LEASE_SECONDS).drop()
        except Error:
            self.logger.warning("Beat couldn't drop its lease. Another beat takes over when it expires.")

    @property
    def leads(self) -> bool:
        return time.monotonic() - self.held_at < LEASE_SECONDS

    def _interval(self, entry: Any) -> float:
        return float(entry.schedule.run_every.total_seconds())

    def _publish_due(self) -> None:
        """Publish what is due now, or will be in a moment, in one message."""
        now = time.monotonic()
        due = {name: entry for name, entry in self.schedule.items() if self.due_at[name] <= now + A_MOMENT}
        self.due_at |= {name: now + self._interval(entry) for name, entry in due.items()}
        if due:
            self._publish(list(due.values()))

    def _publish(self, entries: list[Any]) -> None:
        """Publish entries. If the broker fails, log it once a minute and try again at their next run."""
        from torrents import queueing

        expires = min(entry.options["expires"] for entry in entries)
        try:
            queueing.publish(ONE_BY_ONE, ([entry.task for entry in entries],), expires=expires)
        except queueing.BrokerError as error:
            queueing.warn(error)

    def _renew(self) -> None:
        from accounts.store_errors import reason_of
        from care.models import InstanceLease
        from torrents.services.upkeep import heartbeats

        led, self.tried_at = self.leads, time.monotonic()
        try:
            close_old_connections()
            lease = InstanceLease.of(LEASE, self.holder, LEASE_SECONDS)
            self.held_at = self.tried_at if lease.take() else -float("inf")
            if self.leads:
                heartbeats.beat_is_alive()
                self.queue_is_full = self._is_queue_full()
        except Error as error:
            reason = reason_of(error)
            message = "Beat couldn't renew its lease. The database isn't working (%s)."
            self.logger.warning(message, reason, extra={"cause": f"beat {reason}"})
        if led != self.leads:
            self.logger.info("This beat is the leader now." if self.leads else "This beat is on standby now.")

    def _is_queue_full(self) -> bool:
        """Return whether no worker takes messages. Rows stay due, so the queue doesn't have to grow for days."""
        from torrents import queueing

        try:
            return queueing.messages_waiting() >= MAX_MESSAGES
        except queueing.BrokerError:
            return False


class BeatThread(threading.Thread):
    """Beat in a worker's process. If beat fails, the process ends, so that its supervisor restarts both."""

    def __init__(self, app: Any, scheduler: str) -> None:
        super().__init__(name="beat", daemon=True)
        self.service = Service(app, scheduler_cls=scheduler)
        self.asked_to_stop = threading.Event()

    def run(self) -> None:
        """Run the schedule. Unlike the service's own loop, it stops at once, so it needn't wake up to look."""
        try:
            with closing(self.service.scheduler) as scheduler:
                while not self.asked_to_stop.wait(scheduler.tick()):
                    pass
        finally:
            if not self.asked_to_stop.is_set():
                os.kill(os.getpid(), signal.SIGTERM)

    def stop(self) -> None:
        self.asked_to_stop.set()
        if self.is_alive():
            self.join()


class WithBeat(bootsteps.StartStopStep):
    """`celery worker --with-beat`. Celery's own `--beat` starts a process with a second copy of the app in memory."""

    requires = ("celery.worker.components:Pool",)

    def __init__(self, worker: Any, with_beat: bool = False, **options: Any) -> None:
        super().__init__(worker, with_beat=with_beat, **options)
        self.enabled = with_beat

    def create(self, worker: Any) -> BeatThread:
        return BeatThread(worker.app, worker.scheduler)
