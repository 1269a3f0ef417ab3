"""What is on this server of torrents: the jobs that save them, put together for each."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import timedelta
from typing import NamedTuple

from django.utils import timezone

from saving.models import RuleMatch
from torrents.saving_states import SavingState
from torrents.states import Status

from .categories import Destination
from .folders import joined, on_disk
from .rows import PIECE, JobRow, Row
from .states import Saving

BLOCKED: set[str] = {SavingState.DISK_FULL, SavingState.NO_FOLDER, SavingState.DENIED, SavingState.FAILED}
# A rule is applied within seconds. If it hasn't noted a torrent for longer, it won't.
RULES_TAKE = timedelta(minutes=10)
Match = tuple[int, int]  # a rule and a torrent


class Copy(NamedTuple):
    """The copy of a torrent on this server.

    `folder` and `content` are paths: of the folder, and of the torrent's own folder or single file in it, "" as long as
    that isn't known. Sizes are in bytes, `speed` in bytes/s, `ended_at` in seconds since 1970.
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
    added = {row.pk: row.added for row, _ in torrents}
    destinations = {row.pk: destination for row, destination in torrents}
    by_torrent: dict[int, list[JobRow]] = {}
    for job in jobs:
        # An older one is from before the torrent was deleted and added again.
        if job.torrent_id in added and job.created >= added[job.torrent_id]:
            by_torrent.setdefault(job.torrent_id, []).append(job)
    places = {path: on_disk(path) for path in {job.path for some in by_torrent.values() for job in some}}
    found = {
        pk: _copy(chosen, places[chosen[-1].path])
        for pk, some in by_torrent.items()
        if (chosen := _chosen(some, destinations[pk]))
    }
    return found | _awaited([saved for saved in torrents if saved.row.pk not in found])


def _chosen(jobs: Sequence[JobRow], destination: Destination | None) -> list[JobRow]:
    """Return the jobs that count: those in the category's folder if there are any, else those in the newest's folder.

    What someone canceled doesn't count, nor what is where the folder was before.
    """
    real = [job for job in jobs if job.ended is None or job.state == SavingState.SAVED]
    if len(real) < 2:
        return real
    newest = real[-1]
    if destination:
        newest = next((job for job in reversed(real) if job.folder_id == destination.folder), newest)
    return [job for job in real if (job.folder_id, job.path) == (newest.folder_id, newest.path)]


def _copy(jobs: Sequence[JobRow], folder: str) -> Copy:
    """Put jobs together that save a torrent to the same folder. All but the first take its folder for theirs."""
    size = done = speed = ended = 0
    target, keys = "", []
    for job in jobs:
        target = job.base or job.target or target
        size, done, ended = size + job.bytes_total, done + job.bytes_done, max(ended, job.ended or 0)
        speed += job.speed if job.state == SavingState.RUNNING else 0
        keys.append(job.pk)
    content = joined(folder, target) if target else ""
    return Copy(_saving(jobs), folder, content, size, done, speed, ended, tuple(keys))


def _saving(jobs: Sequence[JobRow]) -> Saving:
    states = {job.state for job in jobs if job.ended is None}
    if not states:
        return Saving.DONE
    if not BLOCKED.isdisjoint(states):
        return Saving.BLOCKED
    return Saving.PAUSED if states == {SavingState.PAUSED} else Saving.GOING_ON


def _awaited(torrents: Sequence[Saved]) -> dict[int, Copy]:
    """Return a copy for each ready torrent that a rule is about to save. `torrents` have no job."""
    ready = {
        (destination.rule, row.pk): (row.since, destination.path)
        for row, destination in torrents
        if destination and row.status == Status.READY
    }
    if not ready:
        return {}
    lately = int((timezone.now() - RULES_TAKE).timestamp())
    started, noted = _matches({match: since for match, (since, _) in ready.items() if since > lately}, ready)
    return {
        match[1]: Copy(Saving.AWAITED, path)
        for match, (since, path) in ready.items()
        if match in noted or (since > lately and match not in started)
    }


def _matches(recent: Collection[Match], ready: Collection[Match]) -> tuple[set[Match], set[Match]]:
    """Return which recent matches their rule has dealt with, and which of all it has noted but not begun."""
    torrents = [torrent for _, torrent in recent]
    started: set[Match] = set()
    for start in range(0, len(torrents), PIECE):
        rows = RuleMatch.objects.filter(torrent__in=torrents[start : start + PIECE]).exclude(started_at=None)
        started.update(rows.values_list("rule", "torrent"))
    noted = RuleMatch.objects.filter(rule__in={rule for rule, _ in ready}, started_at=None)
    return started, {*noted.values_list("rule", "torrent")}
