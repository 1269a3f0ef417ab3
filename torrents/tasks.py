"""Background work. A task fetches by id and calls a service; its arguments are ids.

A message is only a hint: rows say what is due, so a lost or doubled message changes nothing.
"""

from __future__ import annotations

import logging
from functools import partial
from typing import Any

from celery import shared_task
from django.db import transaction
from kombu.exceptions import OperationalError

logger = logging.getLogger(__name__)


def hint(task: Any, account_id: int) -> None:
    """Queue `task` once the rows are committed. Without a broker, beat finds the rows a few seconds later."""
    transaction.on_commit(partial(_queue, task, account_id))


def _queue(task: Any, account_id: int) -> None:
    try:
        task.delay(account_id)
    except (OperationalError, OSError, ValueError):
        logger.warning("The queue cannot be reached; the work waits for the next beat.")


@shared_task
def refresh_due_accounts() -> None:
    from .services import heartbeats, refreshing

    heartbeats.worker_is_alive()
    for account_id in refreshing.due_account_ids():
        refresh_account.delay(account_id)


@shared_task
def refresh_account(account_id: int) -> None:
    from .services import refreshing

    refreshing.refresh_if_due(account_id)


@shared_task
def watch_accounts() -> None:
    from .services import refreshing

    for account_id in refreshing.watched_account_ids():
        watch_account.delay(account_id)


@shared_task
def watch_account(account_id: int) -> None:
    from .services import refreshing

    refreshing.refresh_if_watched(account_id)


@shared_task
def send_due_requests() -> None:
    from .services import controlling, sending

    for account_id in sending.account_ids_with_due():
        send_adds.delay(account_id)
    for account_id in controlling.account_ids_with_due():
        send_controls.delay(account_id)


@shared_task
def send_adds(account_id: int) -> None:
    from .services import sending

    sending.send_due(account_id)


@shared_task
def send_controls(account_id: int) -> None:
    from .services import controlling

    controlling.send_due(account_id)


@shared_task
def prune() -> None:
    from .services import pruning

    pruning.prune()
