"""Rules of automatic saving: torrents with a tag, or added by a person, are saved to a folder."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils import timezone

from accounts.models import User
from accounts.transactions import in_transaction

from ..models import Folder, Rule
from . import automatic

Kind = Rule.Kind


@in_transaction
def add(*, owner: User, folder: Folder, tag: str = "", adder: User | None = None) -> tuple[Rule | None, bool]:
    """Make a rule for a tag or for a person, and return it with whether it is new. None if the folder has been removed.

    It applies to torrents that become ready from now on, and a rule for a tag to ready ones that get it from now on.
    One that rests becomes the owner's, as if it were new.
    """
    if not Folder.objects.select_for_update().filter(pk=folder.pk).exists():
        return None, False
    about: dict[str, Any] = {
        "kind": Kind.PERSON if adder else Kind.TAG,
        "tag": "" if adder else tag,
        "adder": adder,
    }
    # NULLs differ, so the constraint misses tags.
    known = Rule.objects.filter(folder=folder, **about).select_related("made_by").first()
    if known:
        return known, known.rests and _take_over(known, owner)
    return Rule.objects.create(
        folder=folder, made_by=owner, **about, **automatic.beginning(timezone.now())
    ), True


def _take_over(rule: Rule, owner: User) -> bool:
    """Give a rule to an owner. What it would have saved while it rested is left alone."""
    rule.matches.filter(started_at=None).delete()
    return bool(Rule.objects.filter(pk=rule.pk).update(made_by=owner, **automatic.beginning(timezone.now())))


def always_save(*, owner: User, tags: Iterable[str], folder: Folder) -> None:
    """From now on, save torrents with one of these tags to a folder. A rule that is there already stays as it is."""
    for tag in tags:
        add(owner=owner, folder=folder, tag=tag)


def remove(rule: Rule) -> None:
    """Remove a rule. What it has started goes on, and what it has saved stays."""
    rule.delete()
