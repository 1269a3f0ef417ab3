"""When TorBox removes a torrent: 30 days after its last download, or on the date that TorBox gives.

TorBox may give no date, and a download that starts here moves the one it gave. Then the date is our estimate
(docs/torbox-api.md#removal).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple, Protocol

from django.db.models import Q

from accounts.deadlines import SKEW

from .states import Status

KEPT_FOR = timedelta(days=30)
SOON = timedelta(days=7)
OVERDUE = timedelta(days=2)  # A torrent that TorBox still has this long after its date had a wrong date.
MAX_AHEAD = timedelta(days=366)
ABOUT_A_DAY = timedelta(days=1)


class Removal(NamedTuple):
    """When TorBox removes a torrent; None if it doesn't, or if that is unknown. `estimated`: by us, not by TorBox."""

    at: datetime | None = None
    estimated: bool = False


NO_DATE = Removal()


class Stored(Protocol):
    """The columns of a torrent that its removal depends on."""

    @property
    def status(self) -> str: ...
    @property
    def status_since(self) -> datetime: ...
    @property
    def airlocked(self) -> bool: ...
    @property
    def expires_at(self) -> datetime | None: ...
    @property
    def taken_at(self) -> datetime | None: ...
    @property
    def cached_at(self) -> datetime | None: ...
    @property
    def remote_created_at(self) -> datetime | None: ...


def removal_of(torrent: Stored, now: datetime, known_at: datetime | None = None) -> Removal:
    """Return when TorBox removes a torrent. One that isn't ready, or is kept with AirLock, has no date.

    `known_at`: TorBox's date takes into account all downloads up to then. None if that is unknown.
    """
    if torrent.status != Status.READY or torrent.airlocked:
        return NO_DATE
    given = torrent.expires_at
    if given and given > now + MAX_AHEAD:
        return NO_DATE
    if given and given > now - OVERDUE and not _was_moved(given, torrent.taken_at, known_at):
        return Removal(given)
    estimate = _last_used(torrent, now) + KEPT_FOR
    return Removal(estimate, estimated=True) if estimate > now - OVERDUE else NO_DATE


def window(now: datetime) -> tuple[datetime, datetime]:
    """Return between which moments the removal of a torrent that expires soon lies."""
    return now - OVERDUE, now + SOON


def soon(after: datetime, until: datetime) -> Q:
    """Match torrents that TorBox removes in this window."""
    return Q(status=Status.READY, removal_at__gt=after, removal_at__lte=until)


def is_soon(status: str, removal_at: datetime | None, now: datetime) -> bool:
    """Return whether `soon` matches a torrent with this status and date, in the window of `now`."""
    after, until = window(now)
    return status == Status.READY and removal_at is not None and after < removal_at <= until


def _was_moved(given: datetime, taken_at: datetime | None, known_at: datetime | None) -> bool:
    """Return whether a download after TorBox gave this date moved it. TorBox's next list has the new one."""
    if taken_at is None or (known_at is not None and taken_at <= known_at):
        return False
    return given < taken_at + KEPT_FOR - ABOUT_A_DAY


def _last_used(torrent: Stored, now: datetime) -> datetime:
    """Return when it was last downloaded, else when it became ready, as far as we know."""
    moments = [_ready_at(torrent, now), torrent.taken_at]
    return max((moment for moment in moments if moment and moment <= now + SKEW), default=now)


def _ready_at(torrent: Stored, now: datetime) -> datetime | None:
    """Return when it became ready. TorBox's cache may have had it long before it was added."""
    added, cached = torrent.remote_created_at, torrent.cached_at
    if cached and cached <= now + SKEW and (added is None or cached >= added - SKEW):
        return cached
    return torrent.status_since if torrent.status_since <= now + SKEW else added
