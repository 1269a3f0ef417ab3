"""The form for schedule and speed."""

from __future__ import annotations

from datetime import time
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext

from accounts.forms import ClockField
from localization.formats import short_speed

from ..models import SavingSettings

SPEEDS = tuple(megabytes * 1_000_000 for megabytes in (1, 2, 5, 10, 20, 50, 100))  # bytes/s
PAUSE = "pause"
MAX_FILES = 8
ONE_TIME = _("Enter both times, or clear both for full speed at any time.")
SAME_TIME = _("Full speed can’t start and end at the same time.")


class ScheduleForm(forms.Form):
    """When saving runs at full speed, how fast that is, what happens at other times, and how many files go at a time."""

    full_from = ClockField(label=_("Full speed from"))
    full_until = ClockField(label=_("Until"))
    limit = forms.TypedChoiceField(label=_("Full speed"), coerce=int)
    other = forms.ChoiceField(label=_("At other times"))
    files_at_a_time = forms.IntegerField(label=_("Files at a time"), min_value=1, max_value=MAX_FILES)

    def __init__(self, stored: SavingSettings, data: Any = None) -> None:
        initial = {
            "full_from": stored.full_from,
            "full_until": stored.full_until,
            "limit": stored.limit,
            "other": PAUSE if stored.other_pauses else str(stored.other_limit),
            "files_at_a_time": stored.files_at_a_time,
        }
        super().__init__(data, initial=initial, auto_id="schedule_%s")
        fields: Any = self.fields
        no_limit = (0, pgettext("speed", "No limit"))
        other = _speeds(stored.other_limit)
        fields["limit"].choices = [no_limit, *_speeds(stored.limit)]
        if not stored.other_pauses and not stored.other_limit:
            other.insert(0, no_limit)
        # Translators: what saving does outside of the hours of full speed.
        fields["other"].choices = [(PAUSE, pgettext("at other times", "Pause")), *other]

    def clean(self) -> dict[str, Any]:
        """Refuse half of the hours, and a whole day of them."""
        cleaned: dict[str, Any] = super().clean() or {}
        if "full_from" in cleaned and "full_until" in cleaned:
            start: time | None = cleaned["full_from"]
            end: time | None = cleaned["full_until"]
            if (start is None) != (end is None):
                self.add_error("full_from" if start is None else "full_until", ONE_TIME)
            elif start is not None and start == end:
                self.add_error("full_until", SAME_TIME)
        return cleaned

    def changed(self, stored: SavingSettings) -> SavingSettings:
        """Return the settings with what was sent."""
        sent = self.cleaned_data
        for name in ("full_from", "full_until", "limit", "files_at_a_time"):
            setattr(stored, name, sent[name])
        stored.other_pauses = sent["other"] == PAUSE
        if not stored.other_pauses:
            stored.other_limit = int(sent["other"])
        return stored


def _speeds(stored: int) -> list[tuple[int, str]]:
    """Return the speeds to choose from, with the one that is stored."""
    return [(rate, short_speed(rate)) for rate in sorted({*SPEEDS, stored} - {0})]
