"""The fields of a channel: those of its kind (channels/kinds.py), its name, and whether it is for the household."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models.people import validate_visible

from ..channels.kinds import KINDS, MAX_TEXT, Field
from ..models import Channel

# Hidden like a password, but browsers are told not to store it, and the value is never sent back.
SECRET = {"autocomplete": "off", "spellcheck": "false"}
BY_URL = "url"
"""Stands for a kind that the URL itself names."""
URL_FIELD = Field(
    "apprise_url",
    _("Apprise URL"),
    "secret",
    placeholder="ntfys://ntfy.sh/topic",
    help=_("For the same services, if you have a URL for Apprise already."),
)


def _field(asked: Field) -> forms.CharField:
    """Return the form field of a field of a kind."""
    attrs = {"placeholder": asked.placeholder, "autocomplete": "off"}
    widget: forms.Widget
    if asked.type == "secret":
        widget = forms.PasswordInput(attrs=attrs | SECRET)
    elif asked.type == "email":
        widget = forms.EmailInput(attrs=attrs | {"autocomplete": "email"})
    elif asked.type == "url":
        widget = forms.TextInput(attrs=attrs | {"inputmode": "url", "spellcheck": "false"})
    else:
        widget = forms.TextInput(attrs=attrs | {"spellcheck": "false"})
    label: Any = asked.label
    hint: Any = asked.help
    if not asked.required:
        # Translators: the label of a field that may stay empty: “Access token (optional)”.
        label = _("%(label)s (optional)") % {"label": asked.label}
    return forms.CharField(
        label=label, required=asked.required, max_length=MAX_TEXT, help_text=hint, widget=widget
    )


class LabelForm(forms.Form):
    """What a person calls a channel."""

    label = forms.CharField(
        label=_("Name (optional)"),
        required=False,
        max_length=Channel._meta.get_field("label").max_length,
        validators=[validate_visible],
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class AddressForm(forms.Form):
    """Where a channel leads. Which fields it has depends on the kind."""

    def __init__(self, kind: str, *args: Any, **more: Any) -> None:
        super().__init__(*args, **({"auto_id": "channel_%s"} | more))
        asked = (URL_FIELD,) if kind == BY_URL else KINDS[kind].fields
        self.keys = [one.key for one in asked]
        self.fields.update({one.key: _field(one) for one in asked})

    @property
    def answers(self) -> dict[str, str]:
        """Return what was entered into the fields of the kind."""
        return {key: self.cleaned_data[key] for key in self.keys}


class AddForm(AddressForm, LabelForm):
    """A new channel. Only owners can add one for the household."""

    household = forms.BooleanField(
        label=_("For the household"),
        required=False,
        help_text=_(
            "Everyone can choose it and see its name, but not the address. "
            "Until you change it, it gets messages about your torrents that are ready or failed."
        ),
    )

    def __init__(self, kind: str, *args: Any, is_owner: bool, **more: Any) -> None:
        super().__init__(kind, *args, **more)
        if not is_owner:
            del self.fields["household"]
        self.order_fields([*self.keys, "label", "household"])
