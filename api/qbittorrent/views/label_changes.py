"""Make, change, and remove categories, and give torrents categories and tags."""

from __future__ import annotations

from collections.abc import Sequence

from django.http import HttpResponse

from torrents.models import Torrent
from torrents.services.actions import tagging

from ... import category_text
from ...services import categories
from ...services.categories import Problem
from ..calling import Call, Refused, changes, ok, text_of
from ..chosen import chosen
from ..reading import Reading

MAX_TAGS = 2100  # characters; `tagging` takes 20 tags


@changes
def create_category(request: Call) -> HttpResponse:
    """Make a category, which is saved to the folder at `savePath`, or to the one of the category's name."""
    try:
        categories.create(person=request.user, name=_category(request), save_path=_save_path(request))
    except categories.Refused as refused:
        raise _refusal(refused) from None
    return ok()


@changes
def edit_category(request: Call) -> HttpResponse:
    """Choose the folder of a category in the same way."""
    try:
        categories.change(person=request.user, name=_category(request), save_path=_save_path(request))
    except categories.Refused as refused:
        raise _refusal(refused) from None
    return ok()


@changes
def remove_categories(request: Call) -> HttpResponse:
    """Remove categories, one on each line. Torrents keep them as tags."""
    names = text_of(request, "categories").splitlines()
    categories.remove(person=request.user, names=[name.strip() for name in names])
    return ok()


@changes
def set_category(request: Call) -> HttpResponse:
    """Put torrents into a category, or into none."""
    name = _category(request)
    if name.strip() and name.strip() not in categories.names_of(request.user):
        raise Refused(409, str(category_text.PROBLEMS[Problem.UNKNOWN]))
    categories.put(person=request.user, torrents=chosen(request), name=name)
    return ok()


@changes
def add_tags(request: Call) -> HttpResponse:
    """Add tags, but no categories."""
    tagging.tag(person=request.user, torrents=chosen(request), add=_tags(request), lasts=True)
    return ok()


@changes
def remove_tags(request: Call) -> HttpResponse:
    """Remove tags, all of them if none is named. The category stays."""
    torrents = chosen(request)
    named = text_of(request, "tags").strip()
    tagging.tag(
        person=request.user,
        torrents=torrents,
        remove=_tags(request) if named else _tags_of(request, torrents),
        lasts=True,
    )
    return ok()


@changes
def set_tags(request: Call) -> HttpResponse:
    """Replace the tags. The category stays."""
    torrents, wanted = chosen(request), _tags(request)
    others = [tag for tag in _tags_of(request, torrents) if tag not in wanted]
    tagging.tag(person=request.user, torrents=torrents, add=wanted, remove=others, lasts=True)
    return ok()


@changes
def create_tags(request: Call) -> HttpResponse:
    """Do nothing: here, a tag is one that a torrent has."""
    return ok()


@changes
def delete_tags(request: Call) -> HttpResponse:
    """Remove tags from all torrents that the person may change."""
    if wanted := _tags(request):
        seen = Reading(request.user).torrents()
        keys = [known.row.pk for known in seen if not set(wanted).isdisjoint(known.tags)]
        mine = Torrent.objects.controllable_by(request.user).listed().defer("magnet")
        tagging.tag(person=request.user, torrents=list(mine.filter(pk__in=keys)), remove=wanted, lasts=True)
    return ok()


def _category(request: Call) -> str:
    return text_of(request, "category")


def _save_path(request: Call) -> str:
    return text_of(request, "savePath")


def _tags(request: Call) -> list[str]:
    """Return the tags that a call names, without those that are categories: programs tell these apart."""
    known = categories.names_of(request.user)
    return [tag for tag in tagging.clean(text_of(request, "tags")[:MAX_TAGS]) if tag not in known]


def _tags_of(request: Call, torrents: Sequence[Torrent]) -> list[str]:
    known = categories.names_of(request.user)
    return sorted({tag for row in torrents for tag in row.tags if tag not in known})


def _refusal(refused: categories.Refused) -> Refused:
    status = 400 if refused.problem == Problem.NO_NAME else 409
    return Refused(status, str(category_text.PROBLEMS[refused.problem]))
