"""Send what is due, channel by channel, one message after another."""

from __future__ import annotations

import logging
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import uuid4

from django.db import Error, connections

from accounts.leases import Lease
from torrents import queueing

from ..channels import sending
from ..channels.message import Message, Outcome
from ..models import Cursor, Notification, Trouble
from . import claiming, composing, results
from .claiming import Batch

logger = logging.getLogger(__name__)

PARALLEL = 4  # channels
LEASE = "deliveries"
TERM = timedelta(seconds=60)  # longer than a message takes, which is 30 s at most
STARTS_FOR = 25.0  # seconds; so a run ends within a minute
TASK = "notifications.tasks.deliver"


def has_due() -> bool:
    """Return whether anything can be sent now."""
    return bool(claiming.channels_with_due())


def queue_due() -> None:
    """Queue a delivery if anything is due."""
    if has_due():
        _queue()


def deliver_due() -> int:
    """Send the messages that are due, for at most a minute, and return how many services took."""
    Cursor.objects.get_or_create(name=LEASE)
    lease = Lease(Cursor.objects.filter(name=LEASE), uuid4().hex, TERM)
    if not lease.take():
        return 0
    run = _Run(lease)
    try:
        taken = run.serve()
    finally:
        lease.drop()
    if run.is_over and has_due():
        _queue()
    return taken


def _queue() -> None:
    try:
        queueing.publish(TASK)
    except queueing.BrokerError as error:
        queueing.warn(error)


class _Run:
    """One run of the worker that holds the lease. Up to `PARALLEL` channels are served at the same time."""

    def __init__(self, lease: Lease) -> None:
        self.lease = lease
        self.began = time.monotonic()

    @property
    def is_over(self) -> bool:
        return time.monotonic() - self.began > STARTS_FOR

    def serve(self) -> int:
        claiming.release_stale()
        channel_ids = claiming.channels_with_due()
        if len(channel_ids) < 2:
            return sum(map(self._serve, channel_ids))
        with ThreadPoolExecutor(min(PARALLEL, len(channel_ids)), "deliver") as threads:
            return sum(threads.map(self._serve_in_thread, channel_ids))

    def _serve_in_thread(self, channel_id: int) -> int:
        try:
            return self._serve(channel_id)
        finally:
            connections.close_all()

    def _serve(self, channel_id: int) -> int:
        """Send to one channel until nothing is due, it fails, or time is over. Return how many messages it took."""
        taken = 0
        while not self.is_over and self.lease.renew():
            batch = claiming.next_batch(channel_id)
            if batch is None:
                break
            taken += _deliver(batch)
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
