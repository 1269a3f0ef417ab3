"""When saving may run, and how fast. Pure functions of the settings and the time in TZ."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from .models import SavingSettings


@dataclass(frozen=True)
class Allowance:
    """What is allowed now. `limit` is in bytes/s, 0 for none. `paused_until`: when the full speed begins again."""

    limit: int = 0
    paused_until: datetime | None = None
    until: datetime | None = None  # when this changes; None: never


def allowance(settings: SavingSettings, now: datetime) -> Allowance:
    """Return what the schedule allows at `now`. A job that someone resumed runs with `limit` also while it pauses."""
    raise NotImplementedError
