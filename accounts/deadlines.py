"""Compare stored times with the clock, and ignore times that a wrong clock wrote.

A wrong clock leaves times in the database that lie days ahead. Each kind of deadline has a longest interval. A deadline
further ahead than that was written by a wrong clock and counts as passed. A past event that lies ahead counts as long
ago.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Q
from django.db.models.functions import Now

SKEW = timedelta(minutes=1)  # the difference between the clocks of two machines that are right


def is_ahead(moment: datetime | None, longest: timedelta, now: datetime) -> bool:
    """Return whether a deadline is in the future, but no further than `longest`."""
    return moment is not None and now < moment <= now + longest + SKEW


def ahead(field: str, longest: timedelta, now: datetime) -> Q:
    """Match rows whose deadline `field` is in the future by the rule of `is_ahead`."""
    return Q(**{f"{field}__gt": now, f"{field}__lte": now + longest + SKEW})


def passed(field: str, longest: timedelta, now: datetime | Now) -> Q:
    """Match rows whose deadline `field` has passed or lies further ahead than `longest`. NULL doesn't match.

    `now` may be the database's own time.
    """
    return Q(**{f"{field}__lte": now}) | Q(**{f"{field}__gt": now + (longest + SKEW)})


def is_recent(moment: datetime | None, interval: timedelta, now: datetime) -> bool:
    """Return whether something happened within `interval` before `now`."""
    return moment is not None and now - interval < moment <= now + SKEW


def recent(field: str, interval: timedelta, now: datetime) -> Q:
    """Match rows where `field` happened within `interval` before `now`."""
    return Q(**{f"{field}__gt": now - interval, f"{field}__lte": now + SKEW})


def long_ago(field: str, interval: timedelta, now: datetime) -> Q:
    """Match rows where `field` didn't happen within `interval` before `now`. NULL doesn't match."""
    return Q(**{f"{field}__lte": now - interval}) | Q(**{f"{field}__gt": now + SKEW})
