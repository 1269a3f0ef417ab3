"""Queue tasks of notifications. A message is only a hint to look at rows, which beat queues as well."""

from __future__ import annotations

from functools import partial
from typing import Literal

from django.db import transaction

from torrents import queueing

MESSAGE_SECONDS = 60


def enqueue_on_commit(name: Literal["deliver", "look_at_states"]) -> None:
    """Queue a task once the rows are committed."""
    transaction.on_commit(partial(_enqueue, name))


def _enqueue(name: str) -> None:
    try:
        queueing.publish(f"notifications.tasks.{name}", expires=MESSAGE_SECONDS)
    except queueing.BrokerError as error:
        queueing.warn(error)
