"""The fields to rename one torrent, and several by find-and-replace."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from torbox.sanitize import NAME_LIMIT, is_blank, plain_text

MAX_FIND = 500
NO_NAME = _("Enter a name.")


class RenameForm(forms.Form):
    """The new name of one torrent. The list has another field `name`, in the form that adds torrents."""

    name = forms.CharField(
        label=_("Name"),
        max_length=NAME_LIMIT,
        error_messages={"required": NO_NAME},
        help_text=_("Everyone with access to the TorBox account sees the new name. Files keep their names."),
    )

    def clean_name(self) -> str:
        """Return the name if any of its characters can be seen."""
        name = plain_text(self.cleaned_data["name"], NAME_LIMIT)
        if is_blank(name):
            raise forms.ValidationError(NO_NAME)
        return name


class ReplaceForm(forms.Form):
    """What to find in names, and what to put in its place. Spaces count."""

    find = forms.CharField(label=_("Find"), max_length=MAX_FIND, strip=False, required=False)
    replace = forms.CharField(label=_("Replace with"), max_length=MAX_FIND, strip=False, required=False)
