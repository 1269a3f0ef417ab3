from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from torbox import magnets
from torrents.skip_reason_text import skip_sentence

from ..add.form import MAX_LINK, MAX_TEXT


class LookupForm(forms.Form):
    """A torrent to look up, and how TorBox should search for it."""

    hash = forms.CharField(label=_("Magnet link or info hash"), required=False, max_length=MAX_LINK)
    file = forms.FileField(label=_("Or a .torrent file"), required=False)
    timeout = forms.IntegerField(
        label=_("Seconds to search"), min_value=1, max_value=60, initial=10, required=False
    )
    use_cache_lookup = forms.BooleanField(label=_("Use TorBox’s cache"), required=False)
    peers_only = forms.BooleanField(label=_("Only count seeds and peers"), required=False)

    def clean_hash(self) -> magnets.Magnet | None:
        if not self.cleaned_data["hash"].strip():
            return None
        try:
            return magnets.parse(self.cleaned_data["hash"])
        except magnets.InvalidMagnet as error:
            raise forms.ValidationError(skip_sentence(error.reason, error.params)) from None

    def clean_timeout(self) -> int:
        return self.cleaned_data["timeout"] or 10

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not data.get("hash") and not data.get("file") and "hash" not in self.errors:
            raise forms.ValidationError(_("Paste a magnet link or info hash, or choose a .torrent file."))
        return data


class CheckForm(forms.Form):
    """Torrents whose cached state to check, and the format of TorBox's answer."""

    ANSWERS = [("object", _("Object by hash")), ("list", _("List"))]

    text = forms.CharField(
        label=_("Magnet links or info hashes"), max_length=MAX_TEXT, widget=forms.Textarea(attrs={"rows": 6})
    )
    list_files = forms.BooleanField(label=_("List files"), required=False)
    answer = forms.ChoiceField(
        label=_("Format of TorBox’s answer"), choices=ANSWERS, initial="object", required=False
    )

    def clean_answer(self) -> str:
        return self.cleaned_data["answer"] or "object"
