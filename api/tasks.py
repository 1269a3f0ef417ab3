"""Background work for programs that use the API. It finds its work itself."""

from __future__ import annotations

from celery import shared_task

from .services import links, pruning


@shared_task
def fetch_links() -> None:
    """Fetch the .torrent files behind links that programs have added."""
    links.fetch_due()


@shared_task
def prune() -> None:
    """Delete what is no longer needed."""
    pruning.prune()
