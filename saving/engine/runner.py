"""Work on one job: claim it, save its files, some at a time, and write what becomes of it."""

from __future__ import annotations


def run(job_id: int) -> None:
    """Save a job until it is done, paused, blocked, or this process is asked to stop.

    All jobs of this process share the speed limit and the number of files at a time.
    """
    raise NotImplementedError


def stop() -> None:
    """Ask everything that runs in this process to stop, keeping partial files. Returns at once."""
    raise NotImplementedError
