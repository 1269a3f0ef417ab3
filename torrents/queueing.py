"""Talk to the message broker: queue tasks, count waiting messages, test that it takes messages.

Tasks are queued by name, so services don't import the tasks that call them. A message is only a hint. Rows say what is
due, so a lost or repeated message does no harm. Without a broker the worker looks for due rows by itself
(`torbox_web/queue/due_work.py`).
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, Literal

from celery import current_app
from django.db import transaction
from kombu import pools
from kombu.exceptions import KombuError

from accounts.store_errors import Reason, reason_of

logger = logging.getLogger(__name__)

TaskName = Literal[
    "read_usage", "refresh_account", "send_adds", "send_controls", "send_edits", "watch_account"
]

WAIT_SECONDS = 1.0  # for a broker; no page waits longer
REST_SECONDS = 10.0  # from a refusal until this process tries again
PROBE = "writable"


class BrokerError(Exception):
    """The broker is gone or slow, or refuses messages; `reason` says which."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(f"The broker doesn't take messages: {reason}.")
        self.reason = reason


class _Rest:
    """Until when this process leaves the broker alone after a refusal, and the reason for it."""

    until = -float("inf")
    reason = Reason.GONE


def enqueue_on_commit(name: TaskName, account_id: int) -> None:
    """Queue a task once the rows are committed."""
    transaction.on_commit(partial(enqueue, name, account_id))


def enqueue(name: TaskName, account_id: int) -> None:
    """Queue a task of `torrents.tasks` now. If the broker refuses, log it: the rows say what is due."""
    try:
        publish(f"torrents.tasks.{name}", (account_id,))
    except BrokerError as error:
        warn(error)


def publish(task: str, args: tuple[Any, ...] = (), **options: Any) -> None:
    """Queue the task with this full name. Raises BrokerError, without trying if the broker refused a moment ago."""
    if time.monotonic() < _Rest.until:
        raise BrokerError(_Rest.reason)
    with _broker_errors(), pools.connections[_connection()].acquire(block=True) as broker:
        current_app.send_task(task, args, connection=broker, ignore_result=True, **options)


def messages_waiting() -> int:
    """Return how many messages wait in the queue. Raises BrokerError."""
    with _broker_errors(), _connection() as broker:
        # Not `passive`: kombu would then look for the key without its prefix. Declaring writes nothing.
        declared = broker.default_channel.queue_declare(current_app.conf.task_default_queue)
        return int(declared.message_count)


def write_probe() -> None:
    """Put a message into a queue that no worker reads, and remove it again. Raises BrokerError."""
    with _broker_errors(), _connection() as broker:
        channel = broker.default_channel
        channel._put(PROBE, {"body": "x" * 1000})
        channel._purge(PROBE)
    _Rest.until = -float("inf")


def warn(error: BrokerError) -> None:
    """Log that the broker doesn't take messages."""
    message = "The queue doesn't take messages (%s). The worker looks for due work by itself."
    logger.warning(message, error.reason, extra={"cause": f"broker {error.reason}"})


@contextmanager
def _broker_errors() -> Iterator[None]:
    """Turn any error of the broker or its client into BrokerError, and leave the broker alone for a while."""
    try:
        yield
    except _raised_by_brokers() as error:
        _Rest.until, _Rest.reason = time.monotonic() + REST_SECONDS, reason_of(error)
        raise BrokerError(_Rest.reason) from error


def _raised_by_brokers() -> tuple[type[BaseException], ...]:
    transport = current_app.connection_for_write().transport
    return (KombuError, OSError, ValueError, *transport.connection_errors, *transport.channel_errors)


def _connection() -> Any:
    """Return a connection, not yet open, that gives up after a second. The worker's own waits longer for messages."""
    timeouts = {"socket_timeout": WAIT_SECONDS, "socket_connect_timeout": WAIT_SECONDS}
    is_redis = current_app.conf.broker_url.startswith("redis")
    return current_app.connection_for_write(transport_options=timeouts if is_redis else {})
