"""The lifecycle of a torrent as a pure function of time.

A `Torrent` never changes, because operations replace it. Code that keeps an old one, such as the list cache, can
therefore still render an earlier state.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from random import Random
from typing import NamedTuple

from simulator.content_library import Work
from simulator.options import Options

UNKNOWN_ETA = 8_640_000
GIVE_UP_SECONDS = 60.0
STALLED = "stalled (no seeds)"
FAILURE = "failed (Download stalled for too long)"
INCOMPLETE = "incomplete"


@dataclass(frozen=True)
class Course:
    """What will happen to a torrent, in seconds of running time."""

    meta: float
    download: float
    store: float
    seed: float
    keep: float
    stall_at: float | None = None
    """Progress at which peers disappear."""
    waiting: str = STALLED
    """Its state while it waits for peers."""
    fails: bool = False
    """Whether it fails after it has stalled for a minute."""
    failure: str = FAILURE
    """Its state after that."""

    @property
    def finished(self) -> float:
        return self.meta + self.download

    @property
    def present(self) -> float:
        return self.finished + self.store

    @property
    def end(self) -> float:
        return self.present + self.seed

    @property
    def stalled(self) -> float:
        return math.inf if self.stall_at is None else self.meta + self.stall_at * self.download

    @property
    def failed(self) -> float:
        return self.stalled + GIVE_UP_SECONDS if self.fails else math.inf


@dataclass(frozen=True, eq=False)
class Torrent:
    id: int
    auth_id: str
    work: Work
    course: Course
    created_at: float
    started_at: float | None
    """When the current run began; None while paused."""
    ran: float = 0.0
    """Seconds of earlier runs."""
    changed_at: float = 0.0
    cached_at: float | None = None
    """Set if the bytes came from the shared cache."""
    magnet: str | None = None
    name: str | None = None
    uploaded: bool = False
    seed: int = 1
    allow_zip: bool = True
    tags: tuple[str, ...] = ()
    alternative_hashes: tuple[str, ...] = ()
    airlocked: bool = False
    used_at: float | None = None
    """When the last download of it began, or when AirLock ended."""
    row: dict[str, object] = field(default_factory=dict, repr=False)
    """Rendered text of a settled torrent, see rows.py."""

    def elapsed(self, at: float) -> float:
        return self.ran + (max(0.0, at - self.started_at) if self.started_at is not None else 0.0)

    def moment(self, elapsed: float) -> float:
        """Return when `elapsed` seconds will have run. Infinity while paused."""
        if self.started_at is None or math.isinf(elapsed):
            return math.inf
        return self.started_at + elapsed - self.ran

    @property
    def stored_at(self) -> float:
        if self.cached_at is not None:
            return self.cached_at
        return math.inf if self.course.stall_at is not None else self.moment(self.course.present)

    @property
    def expires_at(self) -> float:
        """Return when TorBox removes it, because it was not downloaded for so long."""
        if self.airlocked:
            return math.inf
        return max(self.stored_at, self.used_at or 0.0) + self.course.keep

    @property
    def released_at(self) -> float:
        """Return when it stops using a slot."""
        if self.cached_at is not None or self.started_at is None:
            return -math.inf
        course = self.course
        return self.moment(course.end if course.stall_at is None else course.failed)


class View(NamedTuple):
    """The visible state of a torrent at one moment. Speeds are in bytes/s, eta is in seconds."""

    state: str
    progress: float
    active: bool = True
    finished: bool = False
    present: bool = False
    known: bool = True
    speed: int = 0
    upload: int = 0
    eta: int = UNKNOWN_ETA
    seeds: int = 0
    peers: int = 0
    uploaded: int = 0
    moving: bool = True
    """Whether it may change by itself."""
    since: float = 0.0
    until: float = math.inf
    """A view that doesn't change is valid in [since, until)."""


def view(torrent: Torrent, at: float) -> View:
    if at >= torrent.expires_at:
        return View("expired", 1, False, finished=True, eta=0, moving=False, since=torrent.expires_at)
    if torrent.cached_at is not None:
        return _stored("cached", torrent, torrent.cached_at)
    if torrent.started_at is None:
        return _paused(torrent)
    return _running(torrent, at, torrent.elapsed(at))


def _stored(state: str, torrent: Torrent, since: float) -> View:
    uploaded = 0 if torrent.cached_at else int(torrent.work.size * min(torrent.course.seed, 3600) / 3600)
    since = max(since, torrent.changed_at)
    end = torrent.expires_at
    return View(state, 1, False, True, True, eta=0, uploaded=uploaded, moving=False, since=since, until=end)


def _paused(torrent: Torrent) -> View:
    progress = _progress(torrent.course, torrent.ran)
    known = torrent.ran >= torrent.course.meta
    return View("paused", progress, False, known=known, eta=0, moving=False, since=torrent.changed_at)


def _running(torrent: Torrent, at: float, elapsed: float) -> View:
    course = torrent.course
    if elapsed < course.meta:
        return View("metaDL", 0, known=False)
    if elapsed >= course.failed:
        since = torrent.moment(course.failed)
        return View(course.failure, _progress(course, elapsed), False, eta=0, moving=False, since=since)
    if elapsed >= course.stalled:
        return View(course.waiting, _progress(course, elapsed), peers=_swarm(torrent)[1] % 4)
    if elapsed < course.finished:
        return _downloading(torrent, at, elapsed)
    if elapsed < course.end:
        return _uploading(torrent, at, elapsed)
    return _stored("completed", torrent, torrent.moment(course.end))


def _downloading(torrent: Torrent, at: float, elapsed: float) -> View:
    seeds, peers = _swarm(torrent)
    speed = int(torrent.work.size / torrent.course.download * _wobble(torrent, at))
    progress = _progress(torrent.course, elapsed)
    eta = math.ceil(torrent.course.finished - elapsed)
    uploaded = int(torrent.work.size * progress / 50)
    return View(
        "downloading", progress, speed=speed, upload=speed // 40, eta=eta, seeds=seeds, peers=peers,
        uploaded=uploaded,
    )  # fmt: skip


def _uploading(torrent: Torrent, at: float, elapsed: float) -> View:
    seeds, peers = _swarm(torrent)
    present = elapsed >= torrent.course.present
    upload = int((200_000 + 1000 * peers) * _wobble(torrent, at)) if present else 0
    uploaded = int(torrent.work.size * max(0.0, elapsed - torrent.course.present) / 3600)
    return View(
        "uploading", 1, finished=True, present=present, upload=upload, eta=0, seeds=seeds, peers=peers,
        uploaded=uploaded,
    )  # fmt: skip


def _progress(course: Course, elapsed: float) -> float:
    share = (elapsed - course.meta) / course.download if course.download else float(elapsed >= course.meta)
    return round(max(0.0, min(share, 1.0 if course.stall_at is None else course.stall_at)), 4)


def _swarm(torrent: Torrent) -> tuple[int, int]:
    number = int(torrent.work.info_hash[-6:], 16)
    return 3 + number % 180, 1 + number // 180 % 40


def _wobble(torrent: Torrent, at: float) -> float:
    """Return a factor around 1 that changes every five seconds."""
    return 0.9 + ((int(at) // 5 * 7919 + torrent.id * 104729) % 1000) / 5000


def course_for(work: Work, options: Options, seed: int) -> Course:
    rng = Random(work.info_hash)
    meta, download = rng.uniform(2, 6), rng.uniform(35, 95)
    if options.meta_seconds is not None:
        meta = options.meta_seconds
    if options.download_seconds is not None:
        download = options.download_seconds
    seeding = {1: options.seed_seconds, 2: options.long_seed_seconds, 3: 0}[seed]
    failure = FAILURE if options.given_up == "failed" else INCOMPLETE
    return Course(
        meta, max(download, 0.001), options.store_seconds, seeding, options.expire_seconds, failure=failure
    )


def has_given_up(seen: View) -> bool:
    return not seen.active and seen.state in (FAILURE, INCOMPLETE)
