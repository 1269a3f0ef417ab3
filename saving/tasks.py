"""Background work of saving. `save_job` runs in the saver, the others in the worker."""

from __future__ import annotations

from celery import shared_task

from .engine import runner
from .services import after_saving, automatic, claims, hints, pruning


@shared_task
def look() -> None:
    """Queue the jobs that a saver should take now, and start what rules ask for."""
    claims.follow_schedule()
    automatic.apply_rules()
    hints.hint(claims.due_ids())


@shared_task
def save_job(job_id: int) -> None:
    """Work on one job, then on what else is due."""
    runner.run(job_id)
    runner.go_on()


@shared_task
def follow_up() -> None:
    """Do at TorBox what should happen after saving."""
    after_saving.follow_up()


@shared_task
def prune() -> None:
    """Delete what is no longer needed."""
    pruning.prune()
