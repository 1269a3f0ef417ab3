from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User


class LeaveForm(forms.Form):
    """What happens to the TorBox accounts and torrents of a person who leaves."""

    WHAT = [
        ("delete", gettext_lazy("Delete them")),
        ("hand_over", gettext_lazy("Transfer them to someone else")),
    ]

    what = forms.ChoiceField(choices=WHAT, widget=forms.RadioSelect)
    heir = forms.ModelChoiceField(
        User.objects.none(), required=False, empty_label=gettext_lazy("Choose a person")
    )

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["heir"].queryset = User.objects.heirs_of(person).order_by("username")  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("what") == "delete":
            data["heir"] = None
        elif data.get("what") and not data.get("heir") and "heir" not in self.errors:
            self.add_error("heir", _("Choose the new owner."))
        return data
