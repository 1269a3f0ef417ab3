"""When TorBox removes a torrent, from what is stored about it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from torrents.removal import KEPT_FOR, NO_DATE, Removal, is_soon, removal_of
from torrents.states import Status

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def ago(days: float) -> datetime:
    return NOW - days * DAY


def ahead(days: float) -> datetime:
    return NOW + days * DAY


def stored(**columns: Any) -> Any:
    """Return what is stored about a torrent that became ready ten days ago, after an hour."""
    columns.setdefault("remote_created_at", ago(10))
    defaults = {"status": Status.READY, "status_since": ago(10) + timedelta(hours=1), "airlocked": False}
    dates = dict.fromkeys(("expires_at", "taken_at", "cached_at"))
    return SimpleNamespace(**(defaults | dates | columns))


def removal(known_at: datetime | None = None, **columns: Any) -> Removal:
    return removal_of(stored(**columns), NOW, known_at)


def test_the_date_that_torbox_gives_is_certain():
    assert removal(expires_at=ahead(3)) == Removal(ahead(3), estimated=False)


def test_without_a_date_it_is_30_days_after_the_torrent_became_ready():
    ready = ago(10) + timedelta(hours=1)
    assert removal() == Removal(ready + KEPT_FOR, estimated=True)
    assert removal(cached_at=ago(8)) == Removal(ago(8) + KEPT_FOR, estimated=True)


def test_the_time_of_a_cache_that_had_it_before_it_was_added_does_not_count():
    ready = ago(10) + timedelta(hours=1)
    assert (
        removal(cached_at=ago(400))
        == removal(cached_at=ahead(5))
        == Removal(ready + KEPT_FOR, estimated=True)
    )


def test_a_download_postpones_an_estimate():
    assert removal(taken_at=ago(2)) == Removal(ago(2) + KEPT_FOR, estimated=True)
    assert removal(taken_at=ago(20)) == removal(), "it was added again after that download"


def test_after_a_download_the_date_of_torbox_is_outdated():
    given = ahead(3)
    assert removal(expires_at=given, taken_at=ago(0)) == Removal(NOW + KEPT_FOR, estimated=True)


def test_a_date_that_takes_the_download_into_account_is_certain():
    assert removal(expires_at=ahead(28), taken_at=ago(2)) == Removal(ahead(28))
    read_later, read_before = ago(1), ago(3)
    assert removal(read_later, expires_at=ahead(3), taken_at=ago(2)) == Removal(ahead(3))
    assert removal(read_before, expires_at=ahead(3), taken_at=ago(2)).estimated


@pytest.mark.parametrize("status", [one for one in Status if one != Status.READY])
def test_only_ready_torrents_are_removed(status):
    assert removal(status=status) == removal(status=status, expires_at=ahead(3)) == NO_DATE


def test_a_torrent_in_airlock_is_never_removed():
    assert removal(airlocked=True) == removal(airlocked=True, expires_at=ahead(3)) == NO_DATE


def test_a_date_long_past_or_centuries_ahead_is_no_date():
    long_past = datetime(2020, 1, 1, tzinfo=UTC)
    assert removal(expires_at=long_past) == removal(), "the torrent is still there"
    assert removal(expires_at=datetime(9999, 12, 31, 23, tzinfo=UTC)) == NO_DATE


def test_an_estimate_that_passed_long_ago_was_wrong():
    """Someone may have downloaded it elsewhere, which we can't know."""
    old = {"remote_created_at": ago(90), "status_since": ago(90)}
    assert removal(**old) == NO_DATE
    assert removal(**old, taken_at=ago(5)) == Removal(ahead(25), estimated=True)


def test_moments_that_a_wrong_clock_wrote_do_not_count():
    assert removal(status_since=ahead(40)) == Removal(ago(10) + KEPT_FOR, estimated=True)
    assert removal(taken_at=ahead(40)) == removal()
    assert removal(status_since=ahead(40), remote_created_at=None) == Removal(NOW + KEPT_FOR, estimated=True)


@pytest.mark.parametrize(
    ("days", "soon"), [(8, False), (7, True), (0.01, True), (-1, True), (-2.1, False), (-400, False)]
)
def test_a_torrent_expires_soon_in_its_last_week(days, soon):
    assert is_soon(Status.READY, ahead(days), NOW) is soon
    assert not is_soon(Status.GONE, ahead(days), NOW) and not is_soon(Status.READY, None, NOW)
