"""Save torrents to the server's disk, and control that."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from django.shortcuts import get_object_or_404
from ninja import Status

from accounts.models import User
from saving.models import Folder, Job
from saving.services import controlling, starting
from torrents.models import Torrent, TorrentFile

from .. import auth
from ..calling import ProgramRequest
from ..field_problems import field_problem
from ..problems import Code, Problem, answers, details
from ..schemas.bulk import Results, lacking, results
from ..schemas.problems import ProblemDetails
from ..schemas.saving import JobOperationSent, SaveOperation, SaveSent
from .saving import need_saving, router

Act = Callable[[User, Sequence[Job]], object]


@router.post(
    "/saving/jobs",
    auth=auth.manage,
    response=answers(Results, 404, 409, 413, 415, status=202),
    operation_id="save_torrents",
    summary="Save torrents to disk",
)
def save_torrents(request: ProgramRequest, sent: SaveSent) -> Status[Results]:
    """Save torrents that are ready, or chosen files of one, to a folder. What is there already isn’t saved again."""
    need_saving()
    folder = get_object_or_404(Folder.objects.usable_by(request.user), pk=sent.folder_id)
    if sent.file_ids and len(set(sent.torrent_ids)) > 1:
        raise Problem(Code.INVALID, errors=[field_problem("body", "file_ids", "invalid")])
    rows = list(Torrent.objects.visible_to(request.user).filter(pk__in=sent.torrent_ids).defer("magnet"))
    files = _files(rows, sent.file_ids) if sent.file_ids else None
    ready = [row for row in rows if row.downloadable]
    try:
        jobs = starting.save(person=request.user, torrents=ready, folder=folder, files=files)
    except starting.NotAllowed:  # someone has just removed the folder
        raise Problem(Code.NOT_FOUND) from None
    started = {job.torrent_id for job in jobs}
    problems = {
        row.pk: details(Problem(Code.NOTHING_TO_SAVE if row.downloadable else Code.NOT_READY))
        for row in rows
        if row.pk not in started
    }
    missing = lacking(sent.torrent_ids, (row.pk for row in rows))
    problems |= dict.fromkeys(missing, details(Problem(Code.NOT_FOUND)))
    return Status(202, results(sent.torrent_ids, problems))


@router.post(
    "/saving/jobs/operations",
    auth=auth.manage,
    response=answers(Results, 409, 413, 415),
    operation_id="operate_jobs",
    summary="Pause, cancel, … what is saved",
)
def operate_jobs(request: ProgramRequest, sent: JobOperationSent) -> Results:
    """Control what you save. As an owner, you control everything that you see."""
    need_saving()
    known = list(Job.objects.controllable_by(request.user).filter(pk__in=sent.ids).order_by("place", "pk"))
    jobs = [job for job in known if job.ended_at is None]
    if sent.operation == SaveOperation.CANCEL:
        controlling.cancel(person=request.user, jobs=jobs, keep_partial=sent.keep_partial)
    else:
        ACTS[sent.operation](request.user, jobs)
    problems: dict[int, ProblemDetails] = {
        job.pk: details(Problem(Code.JOB_ENDED)) for job in known if job.ended_at is not None
    }
    missing = lacking(sent.ids, (job.pk for job in known))
    problems |= dict.fromkeys(missing, details(Problem(Code.NOT_FOUND)))
    return results(sent.ids, problems)


def _files(rows: Sequence[Torrent], ids: Sequence[int]) -> dict[int, list[TorrentFile]]:
    """Return the files with these ids by the key of their torrent. Raises `Problem` if one isn't among its files."""
    found: dict[int, list[TorrentFile]] = {}
    for file in TorrentFile.objects.filter(torrent__in=[row.pk for row in rows], pk__in=ids):
        found.setdefault(file.torrent_id, []).append(file)
    if sum(map(len, found.values())) < len(set(ids)):
        raise Problem(Code.INVALID, errors=[field_problem("body", "file_ids", "invalid")])
    return found


def _move(person: User, jobs: Sequence[Job], *, to_front: bool) -> None:
    for job in reversed(jobs) if to_front else jobs:
        controlling.move(person=person, job=job, to_front=to_front)


ACTS: dict[SaveOperation, Act] = {
    SaveOperation.PAUSE: lambda person, jobs: controlling.pause(person=person, jobs=jobs),
    SaveOperation.RESUME: lambda person, jobs: controlling.resume(person=person, jobs=jobs),
    SaveOperation.RETRY: lambda person, jobs: controlling.retry(person=person, jobs=jobs),
    SaveOperation.FIRST: lambda person, jobs: _move(person, jobs, to_front=True),
    SaveOperation.LAST: lambda person, jobs: _move(person, jobs, to_front=False),
}
