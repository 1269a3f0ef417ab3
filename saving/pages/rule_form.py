"""The form for a rule of automatic saving."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from torrents.formatting import display_name
from torrents.models.tags import MAX_TAG
from torrents.services.actions import tagging
from torrents.tags_in_use import tags_in_use

from ..models import Folder, Rule

Kind = Rule.Kind
KINDS = [(Kind.TAG, _("Torrents with a tag")), (Kind.PERSON, _("Torrents that a person adds"))]
MAX_SUGGESTED = 100


class NamedField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """A person or folder by name."""

    def label_from_instance(self, row: Any) -> str:
        return display_name(row.display_name if isinstance(row, User) else str(row))


class RuleForm(forms.Form):
    """Which torrents are saved, and to which folder. `suggested`: tags to choose from while typing."""

    kind = forms.ChoiceField(label=_("What to save"), choices=KINDS, widget=forms.RadioSelect)
    tag = forms.CharField(
        label=_("Tag"),
        required=False,
        max_length=MAX_TAG,
        widget=forms.TextInput(attrs={"autocomplete": "off", "list": "rule-tags"}),
    )
    adder = NamedField(label=_("Person"), required=False, queryset=User.objects.none(), empty_label=None)
    folder = NamedField(label=_("Save to"), queryset=Folder.objects.all(), empty_label=None)

    def __init__(self, owner: User, data: Any = None) -> None:
        super().__init__(data, initial={"kind": Kind.TAG}, auto_id="rule_%s")
        fields: Any = self.fields
        fields["adder"].queryset = User.objects.household_of(owner).filter(is_active=True)
        self.suggested = [name for name, _uses in tags_in_use(owner)[:MAX_SUGGESTED]]

    def clean(self) -> dict[str, Any]:
        """Require what the kind needs, and ignore the rest."""
        cleaned: dict[str, Any] = super().clean() or {}
        kind = cleaned.get("kind")
        if kind == Kind.TAG:
            self.errors.pop("adder", None)
            self._clean_tag(cleaned)
        elif kind == Kind.PERSON:
            self.errors.pop("tag", None)
            if not cleaned.get("adder") and "adder" not in self.errors:
                self.add_error("adder", _("Choose a person."))
        return cleaned

    def _clean_tag(self, cleaned: dict[str, Any]) -> None:
        if "tag" in self.errors:
            return
        tags = tagging.clean(cleaned.get("tag", ""))
        if len(tags) == 1:
            cleaned["tag"] = tags[0]
        else:
            self.add_error("tag", _("Enter one tag."))

    @property
    def chosen(self) -> dict[str, Any]:
        """Return the fields as the service takes them."""
        sent = self.cleaned_data
        what = {"tag": sent["tag"]} if sent["kind"] == Kind.TAG else {"adder": sent["adder"]}
        return {"folder": sent["folder"], **what}
