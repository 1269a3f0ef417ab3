"""Schedule and speed of the instance."""

from __future__ import annotations

from ..models import SavingSettings


def current() -> SavingSettings:
    """Return the settings, or the defaults if no owner has changed them."""
    return SavingSettings.objects.first() or SavingSettings()


def save(settings: SavingSettings) -> None:
    """Store the settings. Running jobs follow them within seconds."""
    settings.pk = 1
    settings.save()
