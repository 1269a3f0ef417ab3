"""The form for a folder."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import User
from accounts.models.people import validate_visible
from torrents.formatting import display_name

from .. import unpacking
from ..models import Folder
from ..models.folders import GIGABYTE, MAX_FOLDER_NAME
from ..services.folders import Refusal
from . import folder_text

After = Folder.After
MAX_PATH_SENT, MAX_FLOOR, MAX_DAYS = 4096, 1_000_000, 365  # characters, GB, days
MAX_KEY = 18  # digits
EVERYONE, SOME = "everyone", "some"
AFTERWARDS = [
    (After.KEEP, _("Keep on TorBox")),
    (After.STOP_SEEDING, _("Stop seeding")),
    (After.DELETE, _("Delete from TorBox")),
]
NO_CONSENT = _("Check this box, or choose something else to happen after saving.")


class PeopleField(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]
    """People by name."""

    widget = forms.CheckboxSelectMultiple

    def clean(self, value: Any) -> Any:
        if any(len(str(key)) > MAX_KEY for key in value or ()):  # more than the database takes
            raise forms.ValidationError(self.error_messages["invalid_list"], code="invalid_list")
        return super().clean(value)

    def label_from_instance(self, person: Any) -> str:
        return display_name(person.display_name)


class FolderForm(forms.Form):
    """Name and place of a folder, who can save there, and what happens afterwards. `folder`: the one to change.

    Whoever chooses to delete torrents at TorBox has to check the box `sure` once.
    """

    name = forms.CharField(
        label=_("Name"),
        max_length=MAX_FOLDER_NAME,
        validators=[validate_visible],
        widget=forms.TextInput(attrs={"autocomplete": "off", "placeholder": _("Films")}),
    )
    path = forms.CharField(
        label=_("Folder on this server"),
        max_length=MAX_PATH_SENT,
        widget=forms.TextInput(
            attrs={
                "autocomplete": "off",
                "autocapitalize": "none",
                "spellcheck": "false",
                "class": "mono-input",
            }
        ),
    )
    floor = forms.DecimalField(
        label=_("Keep free (GB)"),
        min_value=0,
        max_value=MAX_FLOOR,
        decimal_places=3,
        help_text=_("Saving pauses while less is free."),
        widget=forms.NumberInput(attrs={"step": "any", "inputmode": "decimal"}),
    )
    who = forms.ChoiceField(
        label=_("Who can save"),
        choices=[
            (EVERYONE, pgettext_lazy("who can save", "Everyone")),
            (SOME, _("Owners and people you choose")),
        ],
        widget=forms.RadioSelect,
    )
    people = PeopleField(
        label=_("People"),
        queryset=User.objects.none(),
        required=False,
        error_messages=dict.fromkeys(("invalid_list", "invalid_pk_value"), _("Choose one of the options.")),
    )
    after = forms.ChoiceField(label=_("After saving"), choices=AFTERWARDS, widget=forms.RadioSelect)
    after_days = forms.IntegerField(
        label=_("Days after saving"), min_value=1, max_value=MAX_DAYS, required=False
    )
    sure = forms.BooleanField(
        label=_(
            "Yes, delete these torrents from TorBox for everyone who can see them. The saved files stay here."
        ),
        required=False,
    )
    unpacks = forms.BooleanField(label=_("Unpack archives (zip, rar, and 7z)"), required=False)

    def __init__(self, folder: Folder | None, data: Any = None) -> None:
        self.folder = folder
        super().__init__(data, initial=_initial(folder), auto_id="folder_%s")
        fields: Any = self.fields
        # Translators: the folder is SAVE_DIR, such as /save.
        hint = _("Inside %(folder)s. We create it if it doesn’t exist.")
        fields["path"].help_text = str(hint) % {"folder": folder_text.save_dir()}
        fields["people"].queryset = _people(folder)
        if not fields["people"].queryset.exists():
            del fields["people"]
            fields["who"].choices = [
                (EVERYONE, pgettext_lazy("who can save", "Everyone")),
                (SOME, _("Owners")),
            ]
        if not unpacking.is_available():
            fields["unpacks"].disabled = True
            fields["unpacks"].help_text = _("Install bsdtar on this server to unpack archives.")

    def clean(self) -> dict[str, Any]:
        """Ignore the fields of deleting unless that is chosen, and then ask for consent."""
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("after") != After.DELETE:
            self.errors.pop("after_days", None)
        elif "after_days" in cleaned:
            if cleaned["after_days"] is None:
                self.add_error("after_days", _("Enter a number of days."))
            if not cleaned.get("sure"):
                self.add_error("sure", NO_CONSENT)
        return cleaned

    def refuse(self, cause: str) -> None:
        """Show why the folder can't be used."""
        self.add_error("name" if cause == Refusal.NAME_TAKEN else "path", folder_text.sentence(cause))

    @property
    def chosen(self) -> dict[str, Any]:
        """Return the fields as the service takes them."""
        sent = self.cleaned_data
        fields = {name: sent[name] for name in ("name", "path", "after", "unpacks")}
        fields["floor"] = int(sent["floor"] * GIGABYTE)
        fields["for_everyone"] = sent["who"] == EVERYONE
        fields["people"] = () if fields["for_everyone"] else sent.get("people", ())
        if sent["after"] == After.DELETE:
            fields["after_days"] = sent["after_days"]
        return fields


def _initial(folder: Folder | None) -> dict[str, Any]:
    shown = folder or Folder()
    return {
        "name": shown.name,
        "path": folder_text.path_of(shown) if folder else f"{folder_text.path_of(shown).rstrip('/')}/",
        "floor": _gigabytes(shown.floor),
        "who": EVERYONE if shown.for_everyone else SOME,
        "people": list(folder.people.values_list("pk", flat=True)) if folder else [],
        "after": shown.after,
        "after_days": shown.after_days,
        "sure": folder is not None and folder.after == After.DELETE,
        "unpacks": shown.unpacks,
    }


def _gigabytes(size: int) -> str:
    """Return bytes as the field has them: 10 for 10 GB, 0.5 for 500 MB."""
    whole, _dot, part = f"{Decimal(size) / GIGABYTE:.3f}".partition(".")
    return f"{whole}.{part}".rstrip("0").rstrip(".")


def _people(folder: Folder | None) -> Any:
    """Return those who can be chosen: all but owners, who can always save, and those who are chosen already."""
    wanted = Q(is_active=True) & ~Q(role=User.Role.OWNER)
    if folder:
        wanted |= Q(pk__in=folder.people.values("pk"))
    return User.objects.joined().filter(wanted).order_by("username")
