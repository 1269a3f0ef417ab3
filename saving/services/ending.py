"""Write that a job is over: on its row, in the list, and as an event."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.utils import timezone

from accounts.models import User
from accounts.transactions import in_transaction, lock_accounts
from torrents.models import Activity
from torrents.saving_states import SavingState as State

from ..models import Folder, Job
from . import claims, showing


@in_transaction
def saved(job: Job, *, cause: str = "", params: Mapping[str, Any] | None = None) -> None:
    """Note that all files of a job are whole. `cause`: what went wrong afterwards."""
    lock_accounts([job.account_id])
    now = timezone.now()
    sizes = list(job.files.values_list("size", flat=True))
    fields: dict[str, Any] = {
        "state": State.SAVED,
        "cause": cause,
        "cause_params": dict(params or {}),
        "bytes_done": sum(sizes),
        "bytes_total": sum(sizes),
        "ended_at": now,
        "retry_at": None,
        "after_due_at": None if job.after == Folder.After.KEEP else now + timedelta(days=job.after_days),
    }
    if claims.release(job, **fields):
        about = {"folder": job.folder.name, "files": len(sizes), "size": sum(sizes), **fields["cause_params"]}
        Activity.record(job.torrent, Activity.Kind.SAVED, person=_person(job), code=cause, params=about)
    showing.show([job.torrent_id])


@in_transaction
def failed(job: Job, cause: str, params: Mapping[str, Any], upstream_detail: str = "", done: int = 0) -> None:
    """Note that a job can't go on until someone tries it again. What is saved of it stays."""
    lock_accounts([job.account_id])
    fields = {
        "state": State.FAILED,
        "cause": cause,
        "cause_params": dict(params),
        "upstream_detail": upstream_detail[:500],
        "bytes_done": done,
        "retry_at": None,
    }
    if claims.release(job, **fields):
        about = {"folder": job.folder.name, **params}
        Activity.record(
            job.torrent,
            Activity.Kind.NOT_SAVED,
            person=_person(job),
            code=cause,
            params=about,
            upstream_detail=upstream_detail,
        )
    showing.show([job.torrent_id])


def _person(job: Job) -> User | None:
    """Return who wanted it, unless they were removed in the meantime. What a rule saves is no one's doing."""
    return None if job.rule_id else User.objects.filter(pk=job.person_id).first()
