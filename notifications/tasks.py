"""Background tasks. A task takes ids at most, and calls a service."""

from __future__ import annotations

from celery import shared_task

from .services import delivering, event_reader, pruning, state_scan, summaries


@shared_task
def read_events() -> None:
    """Tell people about the events of torrents since the last time."""
    event_reader.read_events()


@shared_task
def look_at_states() -> None:
    """Tell people about what lasts: stalled, expiring, waiting, API keys, plans, failing channels."""
    state_scan.look_at_states()


@shared_task
def queue_deliveries() -> None:
    """Queue `deliver` if messages are due. Sending takes up to a minute, for which beat's other tasks needn't wait."""
    delivering.queue_due()


@shared_task
def deliver() -> None:
    """Send the messages that are due."""
    delivering.deliver_due()


@shared_task
def summarize() -> None:
    """Tell people their daily or weekly summary when it is time."""
    summaries.summarize_due()


@shared_task
def prune() -> None:
    """Delete what is no longer needed."""
    pruning.prune()
