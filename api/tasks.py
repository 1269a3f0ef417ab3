"""Background work of the API."""

from __future__ import annotations

from celery import shared_task

from .services import pruning


@shared_task
def prune() -> None:
    """Delete what is no longer needed."""
    pruning.prune()
