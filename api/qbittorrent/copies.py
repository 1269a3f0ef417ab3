"""What is on this server of torrents: the jobs that save them, put together for each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import NamedTuple

from django.utils import timezone

from saving.models import Folder, JobFile, RuleMatch
from torrents.saving_states import SavingState
from torrents.states import Status

from .categories import Destination
from .rows import PIECE, JobRow, Row, seconds_of
from .states import Saving

BLOCKED = {SavingState.DISK_FULL, SavingState.NO_FOLDER, SavingState.DENIED, SavingState.FAILED}
# A rule is applied within seconds. If there is no job for longer, none will be made, and nothing is awaited.
RULES_TAKE = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Copy:
    """The copy of a torrent on this server.

    `folder` and `content` are paths below SAVE_DIR: of the folder, and of the torrent's own folder or single file in it,
    "" as long as that isn't known. Sizes are in bytes, `speed` in bytes/s, `ended_at` in seconds since 1970.
    `jobs` are the keys of those that count.
    """

    saving: Saving
    folder: str = ""
    content: str = ""
    size: int = 0
    done: int = 0
    speed: int = 0
    ended_at: int = 0
    jobs: tuple[int, ...] = ()


class Saved(NamedTuple):
    """A torrent and its category's destination."""

    row: Row
    destination: Destination | None


NO_COPY = Copy(Saving.NONE)


def copies_of(torrents: Sequence[Saved], jobs: Iterable[JobRow]) -> dict[int, Copy]:
    """Return the copy of each torrent that has one, or gets one by a rule, by its primary key."""
    rows = {saved.row.pk: saved.row for saved in torrents}
    by_torrent: dict[int, list[JobRow]] = {}
    for job in jobs:
        if (row := rows.get(job.torrent_id)) and not _is_of_before(job, row):
            by_torrent.setdefault(job.torrent_id, []).append(job)
    chosen = {
        row.pk: some
        for row, destination in torrents
        if (some := _chosen(by_torrent.get(row.pk, ()), destination))
    }
    paths = dict(Folder.objects.values_list("pk", "path")) if chosen else {}
    targets = _targets([job.pk for some in chosen.values() for job in some if not job.base])
    found = {pk: _copy(some, paths.get(some[0].folder_id, ""), targets) for pk, some in chosen.items()}
    return found | _awaited([saved for saved in torrents if saved.row.pk not in by_torrent])


def _is_of_before(job: JobRow, row: Row) -> bool:
    """Return whether a job is older than the torrent, which was deleted and added again in between."""
    return seconds_of(job.created_at) < seconds_of(row.added_at)


def _chosen(jobs: Sequence[JobRow], destination: Destination | None) -> list[JobRow]:
    """Return the jobs that count: those in the category's folder if there are any, else those in the newest's folder.

    What someone canceled doesn't count.
    """
    real = [job for job in jobs if job.ended_at is None or job.state == SavingState.SAVED]
    if not real:
        return []
    folder = real[-1].folder_id
    if destination and any(job.folder_id == destination.folder for job in real):
        folder = destination.folder
    return [job for job in real if job.folder_id == folder]


def _copy(jobs: Sequence[JobRow], folder: str, targets: Mapping[int, str]) -> Copy:
    base = next((job.base for job in reversed(jobs) if job.base), "")
    target = base or next((targets[job.pk] for job in reversed(jobs) if job.pk in targets), "")
    return Copy(
        _saving(jobs),
        folder,
        "/".join(filter(None, [folder, target])) if target else "",
        size=sum(job.bytes_total for job in jobs),
        done=sum(job.bytes_done for job in jobs),
        speed=sum(job.speed for job in jobs if job.state == SavingState.RUNNING),
        ended_at=max((seconds_of(job.ended_at) for job in jobs if job.ended_at), default=0),
        jobs=tuple(job.pk for job in jobs),
    )


def _saving(jobs: Sequence[JobRow]) -> Saving:
    states = {job.state for job in jobs if job.ended_at is None}
    if not states:
        return Saving.DONE
    if states & BLOCKED:
        return Saving.BLOCKED
    return Saving.PAUSED if states == {SavingState.PAUSED} else Saving.GOING_ON


def _targets(jobs: Sequence[int]) -> dict[int, str]:
    """Return the path of the only file of each of these jobs."""
    found: dict[int, str] = {}
    for start in range(0, len(jobs), PIECE):
        files = JobFile.objects.filter(job__in=jobs[start : start + PIECE]).order_by()
        found.update(files.values_list("job", "target"))
    return found


def _awaited(torrents: Sequence[Saved]) -> dict[int, Copy]:
    """Return a copy for each ready torrent that a rule is about to save. `torrents` have no job."""
    since = int((timezone.now() - RULES_TAKE).timestamp())
    recent = {
        (destination.rule, row.pk): destination
        for row, destination in torrents
        if destination and row.status == Status.READY and seconds_of(row.status_since) > since
    }
    started = _started(recent)
    return {
        pk: Copy(Saving.AWAITED, destination.path)
        for (rule, pk), destination in recent.items()
        if (rule, pk) not in started
    }


def _started(matches: Iterable[tuple[int, int]]) -> set[tuple[int, int]]:
    """Return which of these torrents their rule has dealt with."""
    torrents = [torrent for _, torrent in matches]
    found: set[tuple[int, int]] = set()
    for start in range(0, len(torrents), PIECE):
        rows = RuleMatch.objects.filter(torrent__in=torrents[start : start + PIECE]).exclude(started_at=None)
        found.update(rows.values_list("rule", "torrent"))
    return found
