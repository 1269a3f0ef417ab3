"""Save views of the list under a name, rename and delete them, and choose the one that opens first."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from accounts.models import User
from accounts.transactions import in_transaction
from torrents.models import SavedView, SavedViewQuerySet

MAX_VIEWS = 20  # of one person


class Refusal(StrEnum):
    """Why a view wasn't saved."""

    TAKEN = "taken"  # the person has another one with this name
    TOO_MANY = "too_many"
    PLAIN = "plain"  # it is the list without filters


class ViewRefused(Exception):
    """Raised instead of saving a view."""

    def __init__(self, reason: Refusal) -> None:
        super().__init__(reason)
        self.reason = reason


@in_transaction
def save(*, person: User, name: str, query: dict[str, Any], is_default: bool = False) -> SavedView:
    """Save the parameters of a selection as a view. Raises `ViewRefused`."""
    views = _locked(person)
    if not query:
        raise ViewRefused(Refusal.PLAIN)
    if views.count() >= MAX_VIEWS:
        raise ViewRefused(Refusal.TOO_MANY)
    if views.filter(name=name).exists():
        raise ViewRefused(Refusal.TAKEN)
    view = views.create(person=person, name=name, query=query)
    if is_default:
        set_default(view, is_default=True)
    return view


@in_transaction
def rename(view: SavedView, name: str) -> None:
    """Give a view another name. Raises `ViewRefused`."""
    if _locked(view.person).filter(name=name).exclude(pk=view.pk).exists():
        raise ViewRefused(Refusal.TAKEN)
    view.name = name
    view.save(update_fields=["name"])


@in_transaction
def set_default(view: SavedView, *, is_default: bool) -> None:
    """Open this view, or no longer this one, when the list is opened without a filter."""
    _locked(view.person).filter(is_default=True).update(is_default=False)
    view.is_default = is_default
    view.save(update_fields=["is_default"])


@in_transaction
def delete(view: SavedView) -> None:
    """Delete a view."""
    view.delete()


def _locked(person: User) -> SavedViewQuerySet:
    """Lock the person, so that the same one doesn't save two views at once, and return their views."""
    User.objects.select_for_update().get(pk=person.pk)
    return SavedView.objects.of(person)
