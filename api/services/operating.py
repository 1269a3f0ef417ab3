"""Pause, resume, and order torrents as programs do, which don't tell TorBox's copy from the one that is being saved.

Each function takes torrents that the person may change, and leaves alone those for which it makes no sense.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from django.utils import timezone

from accounts.deadlines import recent
from accounts.models import User
from saving.models import Job
from saving.services import controlling as saving
from saving.services import folders, saving_first
from torrents.models import ControlRequest, Torrent
from torrents.operations import START
from torrents.services.actions import controlling
from torrents.states import Status

PAUSE, RESUME, REANNOUNCE, STOP_SEEDING = "pause", "resume", "reannounce", "stop_seeding"
# Some programs ask for peers every few seconds, until there are some.
REANNOUNCED_EVERY = timedelta(minutes=1)


def pause(*, person: User, torrents: Sequence[Torrent]) -> None:
    """Pause what downloads at TorBox and what is being saved, and stop seeding."""
    _control(person, [row for row in torrents if _downloads(row)], PAUSE)
    stop_seeding(person=person, torrents=torrents)
    saving.pause(person=person, jobs=_jobs(person, torrents))


def resume(*, person: User, torrents: Sequence[Torrent]) -> None:
    """Resume what is paused, take up saving that has failed, and start what is in TorBox's queue."""
    paused = [row for row in torrents if row.remote_id is not None and row.status == Status.PAUSED]
    _control(person, paused, RESUME)
    start(person=person, torrents=torrents)
    jobs = _jobs(person, torrents)
    saving.resume(person=person, jobs=jobs)
    saving.retry(person=person, jobs=jobs)


def start(*, person: User, torrents: Sequence[Torrent]) -> None:
    """Start what is in TorBox's queue."""
    _control(person, [row for row in torrents if row.remote_id is None and row.queued_id is not None], START)


def stop_seeding(*, person: User, torrents: Sequence[Torrent]) -> None:
    """Stop seeding what is ready."""
    _control(person, [row for row in torrents if row.downloadable and row.active], STOP_SEEDING)


def reannounce(*, person: User, torrents: Sequence[Torrent]) -> None:
    """Ask the trackers for more peers, at most once a minute for each torrent."""
    rows = [row for row in torrents if _downloads(row)]
    asked = ControlRequest.objects.filter(torrent__in=[row.pk for row in rows], operation=REANNOUNCE)
    lately = asked.filter(recent("created_at", REANNOUNCED_EVERY, timezone.now()))
    known = set(lately.values_list("torrent", flat=True))
    _control(person, [row for row in rows if row.pk not in known], REANNOUNCE)


def save_first(*, person: User, torrents: Sequence[Torrent]) -> None:
    """Put them at the front of the queue of what is saved, the first of them first: now, or when their saving begins."""
    for job in reversed(_in_order(person, torrents)):
        saving.move(person=person, job=job, to_front=True)
    saving_first.note(person=person, torrents=torrents)


def save_last(*, person: User, torrents: Sequence[Torrent]) -> None:
    """Put them at the end of that queue, where new ones go by themselves."""
    saving_first.forget(torrents=torrents)
    for job in _in_order(person, torrents):
        saving.move(person=person, job=job, to_front=False)


def save_sooner(*, person: User, torrents: Sequence[Torrent]) -> None:
    """Let each change places with the one before it."""
    for job in sorted(_in_order(person, torrents), key=_place):
        saving.swap(person=person, job=job, ahead=True)


def save_later(*, person: User, torrents: Sequence[Torrent]) -> None:
    """Let each change places with the one behind it."""
    for job in sorted(_in_order(person, torrents), key=_place, reverse=True):
        saving.swap(person=person, job=job, ahead=False)


def _control(person: User, torrents: Sequence[Torrent], operation: str) -> None:
    if torrents:
        controlling.control(person=person, torrents=torrents, operation=operation)


def _downloads(row: Torrent) -> bool:
    return row.remote_id is not None and (row.is_moving or row.status == Status.STALLED)


def _jobs(person: User, torrents: Sequence[Torrent]) -> list[Job]:
    if not folders.is_on():
        return []
    mine = Job.objects.controllable_by(person).unfinished()
    return list(mine.filter(torrent__in=[row.pk for row in torrents]))


def _in_order(person: User, torrents: Sequence[Torrent]) -> list[Job]:
    """Return the jobs in the order of the torrents."""
    places = {row.pk: place for place, row in enumerate(torrents)}
    return sorted(_jobs(person, torrents), key=lambda job: places[job.torrent_id])


def _place(job: Job) -> tuple[int, int]:
    return job.place, job.pk
