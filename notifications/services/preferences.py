"""Store a person's quiet hours, summary, and time zone."""

from __future__ import annotations

from datetime import time
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import User

from ..models import NotificationSettings, Summary


def settings_of(person: User) -> NotificationSettings:
    """Return a person's settings. Without a stored row, they are the defaults, unsaved."""
    return NotificationSettings.objects.filter(person=person).first() or NotificationSettings(person=person)


@transaction.atomic
def save(
    person: User,
    *,
    quiet_from: time | None,
    quiet_until: time | None,
    time_zone: str,
    stalled_hours: int,
    summary: str,
) -> NotificationSettings:
    """Store what a person chose. A summary that was off until now tells what happens from now on."""
    if person.time_zone != time_zone:
        person.time_zone = time_zone
        person.save(update_fields=["time_zone"])
    chosen: dict[str, Any] = {
        "quiet_from": quiet_from,
        "quiet_until": quiet_until,
        "stalled_hours": stalled_hours,
        "summary": summary,
    }
    if summary != Summary.NEVER and settings_of(person).summary == Summary.NEVER:
        chosen["summarized_at"] = timezone.now()
    stored, _ = NotificationSettings.objects.update_or_create(person=person, defaults=chosen)
    return stored
