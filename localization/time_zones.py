"""The time zones there are."""

from __future__ import annotations

from functools import cache
from zoneinfo import available_timezones

CONTINENTS = (
    "Africa/",
    "America/",
    "Antarctica/",
    "Asia/",
    "Atlantic/",
    "Australia/",
    "Europe/",
    "Indian/",
    "Pacific/",
)


@cache
def there_are() -> frozenset[str]:
    """Return every name that a browser or a person may give a time zone."""
    return frozenset(available_timezones())


@cache
def by_city() -> tuple[str, ...]:
    """Return the zones named after a continent and a city, as people choose them, and UTC."""
    return ("UTC", *sorted(zone for zone in there_are() if zone.startswith(CONTINENTS)))
