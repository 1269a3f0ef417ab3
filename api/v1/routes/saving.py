"""What is saved to the server's disk, and where it can be saved to."""

from __future__ import annotations

from typing import Any

from django.shortcuts import get_object_or_404
from ninja import Query, Router
from pydantic import BaseModel, Field

from accounts.models import User
from saving.models import Folder, Job
from torrents.saving_states import SavingState, saves_to_disk
from torrents.saving_text import saving_trouble

from .. import auth
from ..calling import ProgramRequest
from ..positions import MAX_CURSOR, after, cursor_of
from ..problems import Code, Problem, answers
from ..schemas.base import Id
from ..schemas.saving import FolderOut, Folders, JobOut, JobPage
from ..torrent_rows import person_ref

router = Router(tags=["saving"])
ORDER = ("-created_at", "-pk")


class JobQuery(BaseModel):
    """Which jobs."""

    state: SavingState | None = Field(None)
    torrent: Id | None = Field(None, description="The id of a torrent.")
    unfinished: bool = Field(False, description="Only jobs that are neither saved nor canceled.")
    limit: int = Field(100, ge=1, le=500, description="How many at most.")
    cursor: str = Field("", max_length=MAX_CURSOR, description="`next_cursor` of the page before.")


@router.get(
    "/saving/folders",
    auth=auth.read,
    response=answers(Folders, 409),
    operation_id="list_folders",
    summary="List folders",
)
def list_folders(request: ProgramRequest) -> Folders:
    """Return the folders that you may save to."""
    need_saving()
    usable = Folder.objects.usable_by(request.user)
    return Folders(
        items=[FolderOut(id=one.pk, name=one.name, after=Folder.After(one.after)) for one in usable]
    )


@router.get(
    "/saving/jobs",
    auth=auth.read,
    response=answers(JobPage, 409),
    operation_id="list_jobs",
    summary="List what is saved",
)
def list_jobs(request: ProgramRequest, wanted: Query[JobQuery]) -> JobPage:
    """Return what is, was, and will be saved of torrents that you see, the newest first, a page at a time."""
    need_saving()
    jobs = jobs_for(request.user)
    if wanted.state:
        jobs = jobs.filter(state=wanted.state)
    if wanted.torrent:
        jobs = jobs.filter(torrent=wanted.torrent)
    if wanted.unfinished:
        jobs = jobs.unfinished()
    if wanted.cursor:
        jobs = jobs.filter(after(wanted.cursor, ORDER, "newest"))
    found = list(jobs.order_by(*ORDER)[: wanted.limit + 1])
    shown = found[: wanted.limit]
    return JobPage(
        items=[job_out(job, request.user) for job in shown],
        next_cursor=cursor_of(shown[-1], ORDER, "newest") if len(found) > len(shown) else None,
    )


@router.get(
    "/saving/jobs/{int:job_id}",
    auth=auth.read,
    response=answers(JobOut, 404, 409),
    operation_id="get_job",
    summary="Get a job of saving",
)
def get_job(request: ProgramRequest, job_id: int) -> JobOut:
    """Return one job, of a torrent that you see."""
    need_saving()
    return job_out(get_object_or_404(jobs_for(request.user), pk=job_id), request.user)


def need_saving() -> None:
    """Raise `Problem` where saving is off."""
    if not saves_to_disk():
        raise Problem(Code.SAVING_OFF)


def jobs_for(user: User) -> Any:
    """Return the jobs that a person sees, read for `job_out`."""
    return Job.objects.visible_to(user).select_related("folder", "person")


def job_out(job: Job, user: User) -> JobOut:
    """Return a job as its person and owners see it, and others too."""
    params = {**job.cause_params, "folder": job.folder.name}
    return JobOut(
        id=job.pk,
        torrent_id=job.torrent_id,
        folder_id=job.folder_id,
        folder=job.folder.name,
        path=job.base,
        state=SavingState(job.state),
        cause=Job.Cause(job.cause),
        params=params,
        upstream_detail=job.upstream_detail,
        detail=saving_trouble(job.cause, params, job.upstream_detail),
        size=job.bytes_total,
        saved=job.bytes_done,
        speed=job.speed,
        retry_at=job.retry_at,
        created_at=job.created_at,
        ended_at=job.ended_at,
        person=person_ref(job.person),
        may_control=user.is_owner or job.person_id == user.pk,
    )
