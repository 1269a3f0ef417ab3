"""Pause, resume, retry, cancel, and order jobs. Each function takes jobs that the person may control."""

from __future__ import annotations

from collections.abc import Sequence

from accounts.models import User

from ..models import Job


def pause(*, person: User, jobs: Sequence[Job]) -> int:
    """Pause jobs, and return how many. A running one stops within seconds and keeps its partial files."""
    raise NotImplementedError


def resume(*, person: User, jobs: Sequence[Job]) -> int:
    """Let paused jobs go on, also while the schedule pauses, and return how many."""
    raise NotImplementedError


def retry(*, person: User, jobs: Sequence[Job]) -> int:
    """Try failed and waiting jobs again now, and return how many."""
    raise NotImplementedError


def cancel(*, person: User, jobs: Sequence[Job], keep_partial: bool) -> int:
    """End jobs, and delete their partial files unless `keep_partial`. What is whole stays. Return how many."""
    raise NotImplementedError


def move(*, person: User, job: Job, to_front: bool) -> None:
    """Put a job at the front or the end of the queue."""
    raise NotImplementedError
