"""Send what is due, channel by channel, one message after another."""

from __future__ import annotations

import logging
import math
import time
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from datetime import timedelta

from celery.worker import state
from django.db import Error, connections

from accounts.leases import Lease
from torrents import queueing

from ..channels import sending
from ..channels.message import Message, Outcome
from ..models import Notification, Trouble
from . import claiming, composing, results, signed_in_devices
from .claiming import Batch
from .leases import leased

logger = logging.getLogger(__name__)

PARALLEL = 4  # channels
LEASE = "deliveries"
TERM = timedelta(seconds=60)  # longer than a message takes, which is 30 s at most
STARTS_FOR = 25.0  # seconds; so a run ends within a minute
LOOK_SECONDS = 2.0  # between two looks for channels that became due
MESSAGE_SECONDS = 60  # beat queues the same task every 10 s
TASK = "notifications.tasks.deliver"


def has_due() -> bool:
    """Return whether anything can be sent now."""
    return claiming.has_stale() or bool(claiming.channels_with_due())


def queue_due() -> None:
    """Queue a delivery if anything is due."""
    if has_due():
        _queue()


def deliver_due() -> int:
    """Send the messages that are due, for at most a minute, and return how many services took."""
    with leased(LEASE, TERM) as lease:
        if lease is None:
            return 0
        run = _Run(lease)
        taken = run.serve()
    if run.is_over:
        queue_due()
    return taken


def _queue() -> None:
    try:
        queueing.publish(TASK, expires=MESSAGE_SECONDS)
    except queueing.BrokerError as error:
        queueing.warn(error)


class _Run:
    """One run of the worker that holds the lease. Up to `PARALLEL` channels are served at the same time."""

    def __init__(self, lease: Lease) -> None:
        self.lease = lease
        self.began = time.monotonic()
        self.busy: set[Future[int]] = set()
        self.served: dict[int, float] = {}  # when a channel had nothing more to send

    @property
    def is_over(self) -> bool:
        """Return whether no more messages may be started, because of the time or because the worker stops."""
        stops = state.should_stop is not None and state.should_stop is not False  # Celery's 0 means yes
        return stops or time.monotonic() - self.began > STARTS_FOR

    def serve(self) -> int:
        """Serve channels until none is due. Those that become due meanwhile don't wait for a slow one."""
        claiming.release_stale()
        taken = 0
        with ThreadPoolExecutor(PARALLEL, "deliver") as threads:
            while self._start(threads):
                ended, self.busy = wait(self.busy, LOOK_SECONDS, FIRST_COMPLETED)
                taken += sum(future.result() for future in ended)
        return taken

    def _start(self, threads: ThreadPoolExecutor) -> bool:
        """Start serving channels that are due, and return whether any is being served."""
        due = [] if self.is_over else claiming.channels_with_due()
        for channel_id in due:
            if len(self.busy) < PARALLEL and self._may_serve(channel_id):
                self.served[channel_id] = math.inf
                self.busy.add(threads.submit(self._serve, channel_id))
        return bool(self.busy)

    def _may_serve(self, channel_id: int) -> bool:
        """Return whether a channel isn't being served, and whether it is time to look at it again."""
        return time.monotonic() - self.served.get(channel_id, -math.inf) >= LOOK_SECONDS

    def _serve(self, channel_id: int) -> int:
        """Send to one channel until nothing is due, it fails, or time is over. Return how many messages it took."""
        taken = 0
        try:
            while not self.is_over and self.lease.renew():
                signed_in_devices.forget_signed_out(channel_id)
                batch = claiming.next_batch(channel_id)
                if batch is None:
                    break
                taken += _deliver(batch)
        finally:
            self.served[channel_id] = time.monotonic()
            connections.close_all()
        return taken


def _deliver(batch: Batch) -> bool:
    """Send one message outside of any transaction, and write the result. Return whether the service took it."""
    message = _composed(batch)
    if message is None:
        results.give_up(batch)
        return False
    if batch.is_late:
        results.put_back(batch)
        return False
    outcome = _sent(batch, message)
    results.record(batch, outcome)
    return outcome.delivered


def _composed(batch: Batch) -> Message | None:
    """Return the message, or None if its rows are gone or can't be put into words."""
    try:
        if batch.is_test:
            return composing.test_message(batch.message, batch.person)
        notes = Notification.objects.filter(deliveries__in=batch.rows).order_by("pk")
        notes = notes.select_related("account", "torrent", "actor").defer("torrent__magnet")
        found = list(notes)
        return composing.message(batch.message, batch.person, found) if found else None
    except Error:
        raise
    except Exception:
        logger.exception("A message to channel %s couldn't be written.", batch.channel.pk)
        return None


def _sent(batch: Batch, message: Message) -> Outcome:
    try:
        return sending.send(batch.channel, message)
    except Exception as error:  # its text may hold the address, so only its type is logged
        logger.error("Sending to channel %s failed: %s.", batch.channel.pk, type(error).__name__)
        return Outcome(Trouble.SERVICE_ERROR, retry=True)
