"""The fields of a new token."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.forms.boundfield import BoundWidget
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, pgettext

from accounts.models import User
from accounts.models.people import validate_visible
from localization.formats import number

from ..models import MAX_TOKEN_NAME
from ..scopes import Scope
from . import scope_text

DAYS = (30, 90, 365)
NEVER, ON_A_DAY = "never", "day"
MAX_YEARS = 10
NOT_OFFERED = _("Choose one of the options.")
NO_DAY = _("Choose a day from today on, within the next 10 years.")


class TokenForm(forms.Form):
    """What a token is called, what it may do, and until when it works. `until` is its last day."""

    name = forms.CharField(
        label=_("Name"),
        max_length=MAX_TOKEN_NAME,
        validators=[validate_visible],
        error_messages={"required": _("Enter a name, such as that of the program.")},
        # Translators: an example of what a token may be called, in an empty field
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    scopes = forms.MultipleChoiceField(
        label=_("What it can do"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": _("Choose what this token can do."),
            "invalid_choice": NOT_OFFERED,
            "invalid_list": NOT_OFFERED,
        },
    )
    expires = forms.ChoiceField(
        label=_("Expires"),
        widget=forms.RadioSelect,
        initial=NEVER,
        error_messages={"required": NOT_OFFERED, "invalid_choice": NOT_OFFERED},
    )
    until = forms.DateField(
        label=_("Last day"),
        required=False,
        input_formats=["%Y-%m-%d"],
        error_messages={"invalid": NO_DAY},
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )

    def __init__(self, person: User, data: Any = None) -> None:
        super().__init__(data, auto_id="token_%s")
        fields: Any = self.fields
        offered = scope_text.offered_to(person)
        fields["scopes"].choices = [(scope.value, scope.label) for scope in offered]
        if len(offered) == 1:
            self.initial["scopes"] = [offered[0].value]
        fields["expires"].choices = _expiry_options()
        today = timezone.localdate()
        fields["until"].widget.attrs |= {"min": f"{today}", "max": f"{_latest(today)}"}

    @property
    def scope_rows(self) -> Iterator[tuple[BoundWidget, str]]:
        """Yield the boxes of the scopes with a sentence for each."""
        for box in self["scopes"]:
            yield box, str(scope_text.SENTENCES[Scope(box.data["value"])])

    def clean(self) -> dict[str, Any]:
        """Ignore the last day unless that is chosen."""
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("expires") != ON_A_DAY:
            self.errors.pop("until", None)
        elif "until" not in self.errors and not _is_possible(cleaned.get("until")):
            self.add_error("until", NO_DAY)
        return cleaned

    @property
    def chosen(self) -> dict[str, Any]:
        """Return the fields as the service takes them."""
        sent = self.cleaned_data
        scopes = [Scope(value) for value in sent["scopes"]]
        return {
            "name": sent["name"],
            "scopes": scopes,
            "expires_at": _end(sent["expires"], sent.get("until")),
        }


def _expiry_options() -> list[tuple[str, str]]:
    return [
        (NEVER, pgettext("expiry of an API token", "Never")),
        *((str(days), _days_label(days)) for days in DAYS),
        (ON_A_DAY, pgettext("expiry of an API token", "On a date")),
    ]


def _days_label(days: int) -> str:
    if days == 365:
        return str(_("In 1 year"))
    return ngettext("In %(count)s day", "In %(count)s days", days) % {"count": number(days)}


def _latest(today: date) -> date:
    return today + timedelta(days=MAX_YEARS * 365)


def _is_possible(day: date | None) -> bool:
    today = timezone.localdate()
    return day is not None and today <= day <= _latest(today)


def _end(expires: str, until: date | None) -> datetime | None:
    """Return when a token ends: at the end of its last day where the person is, or None for never."""
    if expires == NEVER:
        return None
    if expires == ON_A_DAY and until:
        return timezone.make_aware(datetime.combine(until, time(23, 59, 59)))
    return timezone.now() + timedelta(days=int(expires))
