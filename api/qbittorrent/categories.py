"""Categories: tags that a person's programs use, each with the folder that its torrents are saved to.

The category of a torrent is the first of its tags that is one of the person's categories. Its other tags are its tags.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db.models import Exists, OuterRef

from accounts.models import User
from saving.models import Rule
from torrents.saving_states import saves_to_disk

from ..models import Category


@dataclass(frozen=True)
class Destination:
    """The folder that a category's torrents are saved to, and the rule that does it. `path` is below SAVE_DIR."""

    rule: int
    folder: int
    path: str


# The categories of a person by name. Those without a destination aren't saved because of the category.
Categories = Mapping[str, Destination | None]


def categories_of(person: User) -> Categories:
    """Return a person's categories: with the destination of their own rule, else with that of the household's."""
    applied = Rule.objects.applied().filter(pk=OuterRef("rule"))
    rows = Category.objects.filter(person=person).order_by("name").annotate(applied=Exists(applied))
    columns = ("name", "applied", "rule", "rule__folder", "rule__folder__path")
    own = {
        name: _destination(*more) if is_applied else None
        for name, is_applied, *more in rows.values_list(*columns)
    }
    if not saves_to_disk():
        return dict.fromkeys(own)
    missing = [name for name, destination in own.items() if destination is None]
    return own | (_of_household(missing) if missing else {})


def split(tags: Iterable[str], categories: Categories) -> tuple[str, list[str]]:
    """Return the category of a torrent with these tags, "" without one, and the other tags."""
    rest = list(tags)
    category = next((tag for tag in rest if tag in categories), "")
    if category:
        rest.remove(category)
    return category, rest


def _of_household(names: list[str]) -> dict[str, Destination | None]:
    rules = Rule.objects.applied().filter(kind=Rule.Kind.TAG, tag__in=names)
    found = rules.order_by("-since", "-pk").values_list("tag", "pk", "folder", "folder__path")
    return {tag: Destination(rule, folder, path) for tag, rule, folder, path in found}


def _destination(rule: int | None, folder: int | None, path: str | None) -> Destination | None:
    return None if rule is None or folder is None else Destination(rule, folder, path or "")
