"""The fields of a share link."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.hashers import check_password
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext

from torrents.models import Torrent

from ..models import LastingLink
from . import terms
from .parts import Parts, Where
from .terms import NOT_OFFERED

MAX_PASSWORD = 200  # characters


class TermsForm(forms.Form):
    """Until when a link works, and its password. `link` is the one that changes, or None for a new one.

    A password that is stored can't be shown again. An empty field keeps it, and `forget` removes it.
    """

    expires = forms.Field(label=_("Expires"), widget=forms.Select)
    password = forms.CharField(
        label=_("Password"),
        max_length=MAX_PASSWORD,
        required=False,
        strip=False,
        widget=forms.TextInput(
            attrs={
                "autocomplete": "off",
                "autocapitalize": "none",
                "spellcheck": "false",
                "data-1p-ignore": "",
            }
        ),
    )
    forget = forms.BooleanField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, link: LastingLink | None = None, **more: Any) -> None:
        self.link = link
        super().__init__(data, **({"auto_id": "share_%s"} | more))
        chosen = link.expires_at if link else None
        self.initial["expires"] = terms.expiry_value(chosen) if link else str(terms.DEFAULT_DAYS)
        self.fields["expires"].widget.choices = terms.expiry_options(chosen)
        has_password = bool(link and link.password)
        kept, none = pgettext("password in a field", "Set"), pgettext("password in a field", "None")
        self.fields["password"].widget.attrs["placeholder"] = kept if has_password else none

    def clean_expires(self) -> Any:
        return terms.read(terms.expiry_of, self.cleaned_data["expires"])

    def clean_password(self) -> str:
        """Return the password without what a form can't send to every client."""
        return str(self.cleaned_data["password"]).replace("\0", "")

    def changes_to(self, link: LastingLink) -> dict[str, Any]:
        """Return what of the link is different from now on."""
        sent = self.cleaned_data
        changes: dict[str, Any] = {}
        if self.data.get("expires") != terms.expiry_value(link.expires_at):
            changes["expires_at"] = sent["expires"]
        if sent["forget"] and link.password:
            changes["password"] = ""
        elif sent["password"] and not check_password(sent["password"], link.password):
            changes["password"] = sent["password"]
        return changes


class ShareForm(TermsForm):
    """The fields of a link to a torrent: also what it leads to, and how often it can be used."""

    part = forms.Field(label=_("What"), widget=forms.Select)
    limit = forms.Field(label=_("Download limit"), widget=forms.Select)

    def __init__(
        self, torrent: Torrent, data: Any = None, *, link: LastingLink | None = None, **more: Any
    ) -> None:
        super().__init__(data, link=link, **more)
        self.where = Where(link.part, link.path) if link else Where()
        self.parts = Parts(torrent, self.where)
        max_uses = link.max_uses if link else None
        self.initial.update(part=self.where.value, limit=terms.limit_value(max_uses))
        self.fields["part"].widget.choices = self.parts.options
        self.fields["limit"].widget.choices = terms.limit_options(max_uses)

    def clean_part(self) -> Where:
        where = self.parts.find(self.cleaned_data["part"])
        if where is None:
            raise forms.ValidationError(NOT_OFFERED)
        return where

    def clean_limit(self) -> int | None:
        limit: int | None = terms.read(terms.limit_of, self.cleaned_data["limit"])
        return limit

    @property
    def chosen(self) -> dict[str, Any]:
        """Return what a new link is made of."""
        sent = self.cleaned_data
        return {
            "part": sent["part"].part,
            "path": sent["part"].path,
            "expires_at": sent["expires"],
            "max_uses": sent["limit"],
            "password": sent["password"],
        }

    def changes_to(self, link: LastingLink) -> dict[str, Any]:
        changes, where = super().changes_to(link), self.cleaned_data["part"]
        if where != self.where:
            changes |= {"part": where.part, "path": where.path}
        if self.cleaned_data["limit"] != link.max_uses:
            changes["max_uses"] = self.cleaned_data["limit"]
        return changes
