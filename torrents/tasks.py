"""Background tasks. A task takes ids and calls a service.

A message is only a hint. Rows say what is due, so a lost or repeated message does no harm.
"""

from __future__ import annotations

from celery import current_app, shared_task

from . import queueing
from .services.outbox import controls, edits, sending
from .services.sync import refreshing, usage
from .services.upkeep import heartbeats, pruning


@shared_task
def one_by_one(names: list[str]) -> None:
    """Run the tasks of beat that are due at the same time, by their full names."""
    for name in names:
        current_app.tasks[name]()


@shared_task
def refresh_due_accounts() -> None:
    """Queue a refresh of every account that is due."""
    heartbeats.worker_is_alive()
    for account_id in refreshing.due_account_ids():
        queueing.enqueue("refresh_account", account_id)


@shared_task
def refresh_account(account_id: int) -> None:
    """Refresh an account if it is still due."""
    refreshing.refresh_if_due(account_id)


@shared_task
def watch_accounts() -> None:
    """Queue a fresh reading of every account that someone watches."""
    for account_id in refreshing.watched_account_ids():
        queueing.enqueue("watch_account", account_id)


@shared_task
def watch_account(account_id: int) -> None:
    """Read an account past TorBox's cache if it is still watched."""
    refreshing.refresh_if_watched(account_id)


@shared_task
def send_due_requests() -> None:
    """Queue the sending of all requests that are due."""
    for account_id in sending.account_ids_with_due():
        queueing.enqueue("send_adds", account_id)
    for account_id in controls.account_ids_with_due():
        queueing.enqueue("send_controls", account_id)
    for account_id in edits.account_ids_with_due():
        queueing.enqueue("send_edits", account_id)


@shared_task
def send_adds(account_id: int) -> None:
    """Send the due adds of an account."""
    sending.send_due(account_id)


@shared_task
def send_controls(account_id: int) -> None:
    """Send the due operations of an account."""
    controls.send_due(account_id)


@shared_task
def send_edits(account_id: int) -> None:
    """Send the due edits of an account."""
    edits.send_due(account_id)


@shared_task
def read_due_usage() -> None:
    """Queue a reading of the usage of every account that is read once a day."""
    for account_id in usage.due_account_ids():
        queueing.enqueue("read_usage", account_id)


@shared_task
def read_usage(account_id: int) -> None:
    """Read the usage of an account if it is due."""
    usage.read_if_due(account_id)


@shared_task
def prune() -> None:
    """Delete what is no longer needed."""
    pruning.prune()
