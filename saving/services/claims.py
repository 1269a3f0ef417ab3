"""Claims of jobs, so that two savers never work on the same one."""

from __future__ import annotations

from datetime import timedelta

from ..models import Job

CLAIM = timedelta(seconds=60)  # renewed while a job runs; that of a process that died ends


def claim(job_id: int, by: str) -> Job | None:
    """Return a due job that no other process works on, claimed for CLAIM, or None."""
    raise NotImplementedError


def renew(job: Job) -> bool:
    """Extend the claim. Return False if another process has it, or if the job was paused, canceled, or deleted."""
    raise NotImplementedError


def release(job: Job, **fields: object) -> None:
    """End the claim and write what became of the job, if the claim is still ours."""
    raise NotImplementedError


def due_ids() -> list[int]:
    """Return the jobs that a saver should take now, in the order of the queue."""
    raise NotImplementedError
