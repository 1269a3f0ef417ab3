"""The form for a playlist or podcast."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext, gettext_lazy, pgettext_lazy

from accounts.models import User
from accounts.models.people import validate_visible
from torrents.formatting import display_name
from torrents.models import SavedView
from torrents.tags_in_use import tags_in_use

from ..models import LastingLink
from ..models.links import MAX_LINK_NAME
from . import terms
from .terms import NOT_OFFERED

Kind = LastingLink.Kind
EVERYTHING = "all"
MAX_NAME_SHOWN = 60
KINDS = [
    (Kind.PLAYLIST, pgettext_lazy("kind of link", "Playlist, for players such as VLC and Kodi")),
    (Kind.PODCAST, pgettext_lazy("kind of link", "Podcast, for podcast apps")),
]


class ListForm(forms.Form):
    """Which media a list holds, as what, under which name, and until when."""

    what = forms.Field(label=gettext_lazy("What"), widget=forms.Select)
    kind = forms.ChoiceField(label=gettext_lazy("Format"), choices=KINDS, widget=forms.RadioSelect)
    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=MAX_LINK_NAME,
        required=False,
        validators=[validate_visible],
        help_text=gettext_lazy("Players and apps show it. If you leave it empty, we’ll name it for you."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    expires = forms.Field(label=gettext_lazy("Expires"), widget=forms.Select)

    def __init__(self, person: User, data: Any = None) -> None:
        initial = {"kind": Kind.PLAYLIST, "expires": str(terms.DEFAULT_DAYS), "what": EVERYTHING}
        super().__init__(data, initial=initial, auto_id="list_%s")
        self.tags = {f"tag-{name}": name for name, _ in tags_in_use(person)}
        self.views = {f"view-{view.pk}": view for view in SavedView.objects.of(person)}
        self.fields["what"].widget.choices = self._options
        self.fields["expires"].widget.choices = terms.expiry_options()

    @property
    def _options(self) -> list[Any]:
        tags = [(value, display_name(name, MAX_NAME_SHOWN) or "…") for value, name in self.tags.items()]
        views = [(value, display_name(view.name) or "…") for value, view in self.views.items()]
        groups = [(gettext("Tags"), tags), (gettext("Saved views"), views)]
        everything = (EVERYTHING, gettext("Everything that’s ready"))
        return [everything, *(group for group in groups if group[1])]

    def clean_what(self) -> str:
        what: str = self.cleaned_data["what"]
        if what != EVERYTHING and what not in self.tags and what not in self.views:
            raise forms.ValidationError(NOT_OFFERED)
        return what

    def clean_expires(self) -> Any:
        return terms.read(terms.expiry_of, self.cleaned_data["expires"])

    @property
    def chosen(self) -> dict[str, Any]:
        """Return what a new list is made of."""
        sent = self.cleaned_data
        what, kind = sent["what"], sent["kind"]
        query: dict[str, Any] = {}
        named = ""
        if tag := self.tags.get(what):
            query, named = {"tag": [tag]}, tag
        elif view := self.views.get(what):
            query, named = view.query, view.name
        name = sent["name"] or self._named(kind, named)
        return {"kind": kind, "name": name, "query": query, "expires_at": sent["expires"]}

    def _named(self, kind: str, what: str) -> str:
        """Return a name for a list that the person gave none."""
        if not what:
            return gettext("My podcast") if kind == Kind.PODCAST else gettext("My playlist")
        # Translators: the name of a playlist or podcast of a tag or saved view: “Films playlist”
        words = gettext("%(name)s podcast") if kind == Kind.PODCAST else gettext("%(name)s playlist")
        return words % {"name": display_name(what, MAX_LINK_NAME - 20)}
