"""Make, change, and remove a person's categories, and put torrents into them.

A category is a tag that the person's programs use. Its folder is that of a rule of the person's own
(`saving.services.rules.add_own`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from enum import StrEnum

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef

from accounts.models import User
from accounts.transactions import in_transaction
from saving.models import Folder, Job, Rule
from saving.services import folders, places, rules
from torbox.sanitize import is_blank, plain_text
from torrents.models import Torrent
from torrents.models.tags import MAX_TAG
from torrents.services.actions import tagging

from ..models import Category

MAX_CATEGORIES = 200  # of a person


class Problem(StrEnum):
    """Why a category isn't made or changed."""

    NO_NAME = "no_name"
    BAD_NAME = "bad_name"
    NAME_TAKEN = "name_taken"
    UNKNOWN = "unknown"
    NO_FOLDER = "no_folder"  # no folder that the person may use has this path
    TOO_MANY = "too_many"


class Refused(Exception):
    """A category isn't made or changed."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        self.problem = problem


def create(*, person: User, name: str, save_path: str = "") -> Category:
    """Make a category. Raises `Refused`.

    `save_path` picks the folder. Without one, that is the folder with the name or path of the category, if there is one
    that the person may use.
    """
    name = checked_name(name)
    return _create(person, name, _folder_for(person, name, save_path))


def ensure(*, person: User, name: str) -> Category:
    """Return a category, made if there is none of this name. Raises `Refused`."""
    name = checked_name(name)
    known = Category.objects.filter(person=person, name=name).select_related("rule").first()
    try:
        return known or create(person=person, name=name)
    except Refused as refused:
        if refused.problem != Problem.NAME_TAKEN:
            raise
        return Category.objects.get(person=person, name=name)  # Another request has just made it.


def change(*, person: User, name: str, save_path: str = "") -> Category:
    """Choose the folder of a category as `create` does. Raises `Refused`."""
    category = Category.objects.filter(person=person, name=_named(name)).first()
    if category is None:
        raise Refused(Problem.UNKNOWN)
    choose(category, _folder_for(person, category.name, save_path))
    return category


@in_transaction
def choose(category: Category, folder: Folder | None) -> None:
    """Have what the person's programs add to a category saved to a folder that the person may use, or not at all.

    That includes what they have added already and what isn't saved anywhere. Raises `Refused`.
    """
    row = (
        Category.objects.select_for_update(of=("self",)).select_related("rule").filter(pk=category.pk).first()
    )
    if row is None:
        raise Refused(Problem.UNKNOWN)
    if row.rule and folder and row.rule.folder_id == folder.pk:
        return
    if row.rule:
        rules.remove(row.rule)
    category.rule = _rule(category.person, folder, row.name)
    Category.objects.filter(pk=row.pk).update(rule=category.rule)
    if category.rule:
        rules.apply_again(rule=category.rule, torrents=_unsaved(category))


@in_transaction
def remove(*, person: User, names: Iterable[str]) -> None:
    """Remove categories and their rules. Torrents keep the tags, and what is saved stays."""
    gone = Category.objects.filter(person=person, name__in=set(names))
    Rule.objects.filter(pk__in=list(gone.exclude(rule=None).values_list("rule", flat=True))).delete()
    gone.delete()


def put(*, person: User, torrents: Sequence[Torrent], name: str, tags: Iterable[str] = ()) -> None:
    """Put torrents that the person may change into a category, or into none with "". They leave the one they are in.

    They get `tags`, too. It lasts even if TorBox refuses it. Raises `Refused`.
    """
    names = names_of(person)
    name = _named(name)
    if name and name not in names:
        raise Refused(Problem.UNKNOWN)
    others = [other for other in names if other != name]
    added = [*filter(None, [name]), *tags]
    tagging.tag(person=person, torrents=torrents, add=added, remove=others, lasts=True)


def save_again(*, category: Category, torrents: Iterable[Torrent]) -> None:
    """Have torrents of a category saved that its programs have added once more. What the folder still has stays."""
    rows = list(torrents)
    if not rows:
        return
    own = category.rule if category.rule and not category.rule.rests else None
    if rule := own or rules.household_rules([category.name]).get(category.name):
        rules.apply_again(rule=rule, torrents=rows)


def names_of(person: User) -> list[str]:
    """Return the names of a person's categories."""
    return list(Category.objects.filter(person=person).order_by("name").values_list("name", flat=True))


def checked_name(name: str) -> str:
    r"""Return a name as it is stored. Raises `Refused` if a tag or a category can't have it.

    qBittorrent takes no `\`, no `//`, and no `/` at the beginning or end. A comma separates tags.
    """
    cleaned = _named(name)
    if is_blank(cleaned):
        raise Refused(Problem.NO_NAME)
    is_bad = "\\" in cleaned or "" in cleaned.split("/") or tagging.COMMAS.search(cleaned)
    if is_bad or cleaned != plain_text(cleaned, MAX_TAG):
        raise Refused(Problem.BAD_NAME)
    return cleaned


def _named(name: str) -> str:
    return name.strip()


@in_transaction
def _create(person: User, name: str, folder: Folder | None) -> Category:
    User.objects.select_for_update(no_key=True).get(
        pk=person.pk
    )  # so that two requests at once can't pass the limit
    mine = Category.objects.filter(person=person)
    if mine.count() >= MAX_CATEGORIES:
        raise Refused(Problem.TOO_MANY)
    try:
        with transaction.atomic():
            category = mine.create(person=person, name=name)
    except IntegrityError:
        raise Refused(Problem.NAME_TAKEN) from None
    category.rule = _rule(person, folder, name)
    category.save(update_fields=["rule"])
    return category


def _rule(person: User, folder: Folder | None, tag: str) -> Rule | None:
    return rules.add_own(person=person, folder=folder, tag=tag) if folder else None


def _folder_for(person: User, name: str, save_path: str) -> Folder | None:
    """Return the folder with a path, else the one that a category's name stands for. Raises `Refused`."""
    if not folders.is_on():
        return None
    usable = Folder.objects.usable_by(person)
    if not save_path.strip():
        return _same(usable, name)
    try:
        path = places.cleaned(save_path)
    except ValueError:
        raise Refused(Problem.NO_FOLDER) from None
    found = next((folder for folder in usable if folder.path == path), None)
    if found is None and path == places.cleaned(
        str(settings.SAVE_DIR)
    ):  # as we report it for those without a folder
        return None
    if found is None:
        raise Refused(Problem.NO_FOLDER)
    return found


def _same(usable: Iterable[Folder], name: str) -> Folder | None:
    """Return the folder with this name or path, in whatever case."""
    wanted = name.casefold()
    return next((one for one in usable if wanted in (one.name.casefold(), one.path.casefold())), None)


def _unsaved(category: Category) -> Collection[Torrent]:
    """Return the torrents that the person's programs have put into a category, and that nothing saves."""
    jobs = Job.objects.kept().filter(torrent=OuterRef("pk"))
    mine = Torrent.objects.visible_to(category.person).filter(
        added_by=category.person, added_at__gte=category.created_at, tag_rows__name=category.name
    )
    return list(mine.filter(~Exists(jobs)).defer("magnet").order_by("pk"))
