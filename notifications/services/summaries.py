"""Daily and weekly summaries."""

from __future__ import annotations


def summarize_due() -> int:
    """Publish the summaries that are due, and return how many."""
    return 0
