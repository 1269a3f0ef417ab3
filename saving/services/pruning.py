"""Delete what saving no longer needs, so that nothing grows forever."""

from __future__ import annotations


def prune() -> None:
    """Delete old jobs, take yesterday's *Saved* from the list, and delete partial files that no job has."""
    raise NotImplementedError
