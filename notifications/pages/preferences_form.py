"""The fields below the channels: patience with stalled torrents, quiet hours, time zone, and summary."""

from __future__ import annotations

from datetime import time
from typing import Any

from django import forms
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.forms import ClockField, zones
from accounts.models import User
from localization.formats import long_duration
from torrents.formatting import with_markup

from ..models import NotificationSettings, Summary
from ..models.preferences import STALLED_HOURS

HOUR = 3600  # seconds
STALLED_CHOICES = (1, 3, 6, 12, 24, 48)
SUMMARIES = [
    # Translators: how often a summary is sent
    (Summary.NEVER, pgettext_lazy("summary", "Never")),
    (Summary.DAILY, _("Every day")),
    (Summary.WEEKLY, _("Every Sunday")),
]
# Translators: an event; %(hours)s is a time such as “6 hours”, or the field in which people choose it.
_STALLED = _("Stalled for %(hours)s")
ONE_TIME = _("Enter both times, or clear both to have no quiet hours.")
SAME_TIME = _("Quiet hours can’t start and end at the same time.")


def stalled_choices() -> list[tuple[int, str]]:
    """Return the hours to choose from, in words."""
    return [(hours, long_duration(hours * HOUR)) for hours in STALLED_CHOICES]


class PreferencesForm(forms.Form):
    """When messages are sent. The boxes of *What to send* are read by matrix.py."""

    stalled_hours = forms.TypedChoiceField(
        label=_("Hours until a torrent counts as stalled"),
        choices=stalled_choices,
        coerce=int,
        widget=forms.Select(
            attrs={"class": "mini-select", "aria-label": _("Hours until a torrent counts as stalled")}
        ),
    )
    quiet_from = ClockField(label=_("Quiet from"))
    quiet_until = ClockField(label=_("Quiet until"))
    time_zone = forms.ChoiceField(label=_("Time zone"), choices=zones, required=False)
    summary = forms.ChoiceField(label=_("Summary"), choices=SUMMARIES)

    @staticmethod
    def initial_of(person: User, stored: NotificationSettings) -> dict[str, Any]:
        """Return what the fields show before anything is changed."""
        known = stored.stalled_hours in STALLED_CHOICES
        return {
            "stalled_hours": stored.stalled_hours if known else STALLED_HOURS,
            "quiet_from": stored.quiet_from,
            "quiet_until": stored.quiet_until,
            "time_zone": person.time_zone,
            "summary": stored.summary,
        }

    def clean(self) -> dict[str, Any]:
        """Refuse half of the quiet hours, and a whole day of them."""
        cleaned: dict[str, Any] = super().clean() or {}
        if "quiet_from" in cleaned and "quiet_until" in cleaned:
            start: time | None = cleaned["quiet_from"]
            end: time | None = cleaned["quiet_until"]
            if (start is None) != (end is None):
                self.add_error("quiet_from" if start is None else "quiet_until", ONE_TIME)
            elif start is not None and start == end:
                self.add_error("quiet_until", SAME_TIME)
        return cleaned

    @property
    def stalled_words(self) -> str:
        """Return the name of the event without its field: “Stalled for 6 hours”."""
        hours = self["stalled_hours"].value()
        words = {str(value): name for value, name in stalled_choices()}
        return str(_STALLED) % {"hours": words.get(str(hours), long_duration(STALLED_HOURS * HOUR))}

    @property
    def stalled_template(self) -> str:
        """Return the same with {} for the hours, for the page's script."""
        return str(_STALLED) % {"hours": "{}"}

    @property
    def stalled_sentence(self) -> SafeString:
        """Return the same around the field in which people choose it."""
        return with_markup(_STALLED, hours=self["stalled_hours"].as_widget())

    @property
    def fields_below(self) -> list[forms.BoundField]:
        """Return the fields of *Quiet hours and summary*."""
        return [self[name] for name in ("quiet_from", "quiet_until", "time_zone", "summary")]
