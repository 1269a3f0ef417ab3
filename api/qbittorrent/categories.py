"""Categories: tags that a person's programs use, each with the folder that its torrents are saved to.

The category of a torrent is the first of its tags that is one of the person's categories. Its other tags are its tags.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from accounts.models import User
from accounts.prepared_query import Prepared
from saving.models import Rule
from torrents.saving_states import saves_to_disk

from ..models import Category
from .folders import on_disk


@dataclass(frozen=True)
class Destination:
    """The folder that a category's torrents are saved to, and the rule that does it. `path` is where it is."""

    rule: int
    folder: int
    path: str


# The categories of a person by name. Those without a destination aren't saved because of the category.
Categories = Mapping[str, Destination | None]


def categories_of(person: User) -> Categories:
    """Return a person's categories: with the destination of their own rule, else with that of the household's oldest."""
    own = dict(CATEGORIES.values([person.pk]))
    if not own or not saves_to_disk():
        return dict.fromkeys(own)
    rules = {
        pk: (tag, Destination(pk, folder, on_disk(path)))
        for pk, tag, folder, path in RULES.values([person.pk])
    }
    of_household = {tag: destination for _, (tag, destination) in sorted(rules.items(), reverse=True)}
    return {name: rules[rule][1] if rule in rules else of_household.get(name) for name, rule in own.items()}


def split(tags: Iterable[str], categories: Categories) -> tuple[str, list[str]]:
    """Return the category of a torrent with these tags, "" without one, and the other tags."""
    rest = list(tags)
    category = next((tag for tag in rest if tag in categories), "")
    if category:
        rest.remove(category)
    return category, rest


def _categories(person: int) -> QuerySet[Category, tuple[str, int | None]]:
    return Category.objects.filter(person=person).order_by("name").values_list("name", "rule")


def _rules(person: int) -> QuerySet[Rule, tuple[int, str, int, str]]:
    """Return the rules of a person's categories that don't rest, and those of the household for the same tags."""
    categories = Category.objects.filter(person=person).order_by()
    of_household = Q(kind=Rule.Kind.TAG, tag__in=categories.values("name"))
    rules = Rule.objects.applied().filter(of_household | Q(pk__in=categories.values("rule"))).order_by()
    return rules.values_list("pk", "tag", "folder", "folder__path")


CATEGORIES, RULES = Prepared(_categories), Prepared(_rules)
