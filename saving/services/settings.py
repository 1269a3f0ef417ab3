"""Schedule and speed of the instance."""

from __future__ import annotations

from django.utils import timezone

from torrents.saving_states import SavingState

from .. import schedule
from ..models import Job, SavingSettings
from . import showing


def current() -> SavingSettings:
    """Return the settings, or the defaults if no owner has changed them."""
    return SavingSettings.objects.first() or SavingSettings()


def save(settings: SavingSettings) -> None:
    """Store the settings. Running jobs follow them within seconds, and those that the schedule pauses show the new hours."""
    settings.pk = 1
    settings.save()
    paused_until = schedule.allowance(settings, timezone.now()).paused_until
    paused = Job.objects.unfinished().filter(state=SavingState.SCHEDULED)
    paused.update(retry_at=paused_until)
    showing.show(paused.values_list("torrent", flat=True))
