"""Store a person's quiet hours, summary, and time zone."""

from __future__ import annotations

from datetime import time
from typing import Any

from django.utils import timezone

from accounts.models import User
from accounts.transactions import in_transaction

from ..models import NotificationSettings, Summary
from . import schedule
from .recipients import settings_of


@in_transaction
def save(
    person: User,
    *,
    quiet_from: time | None,
    quiet_until: time | None,
    time_zone: str,
    stalled_hours: int,
    summary: str,
) -> None:
    """Store what a person chose. A summary that was off until now tells what happens from now on."""
    before = settings_of(person)
    chosen: dict[str, Any] = {
        "quiet_from": quiet_from,
        "quiet_until": quiet_until,
        "stalled_hours": stalled_hours,
        "summary": summary,
    }
    if summary != Summary.NEVER and before.summary == Summary.NEVER:
        chosen["summarized_at"] = timezone.now()
    NotificationSettings.objects.update_or_create(person=person, defaults=chosen)
    moved = person.time_zone != time_zone
    if moved:
        person.time_zone = time_zone
        person.save(update_fields=["time_zone"])
    if moved or (before.quiet_from, before.quiet_until) != (quiet_from, quiet_until):
        schedule.release(person)
