"""Background work of saving. `save_job` and `delete_files` run in the saver, the others in the worker."""

from __future__ import annotations

from celery import shared_task

from .engine import runner
from .services import after_saving, automatic, claims, controlling, deleting, pruning


@shared_task
def look() -> None:
    """Follow the schedule, end what nobody wants, and start what rules ask for.

    A saver finds due jobs by itself (`torbox_web/queue/saver.py`).
    """
    claims.follow_schedule()
    controlling.cancel_of_removed()
    automatic.apply_rules()


@shared_task
def save_job(job_id: int) -> None:
    """Work on what is due, which this job may be."""
    runner.go_on()


@shared_task
def delete_files(job_id: int) -> None:
    """Delete what a job has saved, then what else is to be deleted."""
    deleting.delete(job_id)
    deleting.delete_due()


@shared_task
def follow_up() -> None:
    """Do at TorBox what should happen after saving."""
    after_saving.follow_up()


@shared_task
def prune() -> None:
    """Delete what is no longer needed."""
    pruning.prune()
