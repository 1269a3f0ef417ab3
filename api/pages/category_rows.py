"""The panel *Categories* of Settings › API: a person's categories, and the folders that they can be saved to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from accounts.models import User
from saving.models import Folder, Rule
from saving.services import folders, rules
from torrents.formatting import display_name, name_in_text
from torrents.models.tags import MAX_TAG

from .. import protocols
from ..models import ApiToken, Category
from ..scopes import Protocol, Scope

NOT_OFFERED = gettext_lazy("Choose one of the options.")
Option = tuple[str, str]


@dataclass(frozen=True)
class CategoryRow:
    """A category. `options`: the folders to choose from, and `chosen` the value of the one it is saved to.

    `problem`: why nothing is saved there, or "".
    """

    category: Category
    name: str
    options: Sequence[Option]
    chosen: str
    problem: str


class CategoryForm(forms.Form):
    """A new category, and the folder that it is saved to."""

    name = forms.CharField(
        label=gettext_lazy("Category"),
        max_length=MAX_TAG,
        error_messages={"required": gettext_lazy("Enter a name for the category.")},
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none"}),
    )

    def __init__(self, person: User, data: Any = None) -> None:
        super().__init__(data, auto_id="category_%s")
        if folders.is_on():
            self.fields["folder"] = FolderField(person)


class FolderField(forms.ChoiceField):
    """A folder that a person can save to, or none."""

    def __init__(self, person: User) -> None:
        self.usable = {str(folder.pk): folder for folder in Folder.objects.usable_by(person)}
        options = [("", _none(None)), *_options(self.usable)]
        super().__init__(
            label=_("Saved to"),
            required=False,
            choices=options,
            error_messages={"invalid_choice": NOT_OFFERED},
        )

    def clean(self, value: Any) -> Folder | None:
        return self.usable.get(super().clean(value))


def are_offered_to(person: User) -> bool:
    """Return whether a person's page has the panel. Guests can't add torrents, and so have no use for it."""
    return protocols.is_on(Protocol.QBITTORRENT) and not person.is_guest


def are_shown_to(person: User) -> bool:
    """Return whether the panel is on the page: once a person has a category, or a token for programs that use them."""
    if not are_offered_to(person):
        return False
    scopes = ApiToken.objects.of(person).values_list("scopes", flat=True)
    return Category.objects.filter(person=person).exists() or any(Scope.QBITTORRENT in one for one in scopes)


def rows_of(person: User) -> list[CategoryRow]:
    """Return the categories of a person by name."""
    categories = list(Category.objects.filter(person=person).select_related("rule__folder"))
    saves = folders.is_on()
    usable = {str(folder.pk): folder for folder in Folder.objects.usable_by(person)} if saves else {}
    of_household = rules.household_rules([one.name for one in categories]) if saves else {}
    return [_row(one, usable, of_household.get(one.name)) for one in categories]


def _row(category: Category, usable: dict[str, Folder], of_household: Rule | None) -> CategoryRow:
    folder = category.rule and category.rule.folder
    chosen = str(folder.pk) if folder and str(folder.pk) in usable else ""
    lost = folder is not None and bool(usable) and not chosen
    return CategoryRow(
        category=category,
        name=display_name(category.name),
        options=[("", _none(of_household)), *_options(usable)] if usable else [],
        chosen=chosen,
        problem=_("You can’t save to %(folder)s anymore.") % {"folder": name_in_text(folder.name)}
        if lost and folder
        else "",
    )


def _options(usable: dict[str, Folder]) -> list[Option]:
    return [(key, display_name(folder.name)) for key, folder in usable.items()]


def _none(of_household: Rule | None) -> str:
    """Return what it is called if a person has chosen no folder for a category."""
    if of_household is None:
        return pgettext("a category of torrents", "Not saved")
    # Translators: an owner made a rule that saves torrents with this tag to a folder.
    return _("%(folder)s, by a household rule") % {"folder": name_in_text(of_household.folder.name)}
