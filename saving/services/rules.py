"""Rules of automatic saving: torrents with a tag, or added by a person, are saved to a folder.

Owners make those for the household. A person's own rules save what they add with a tag.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from django.utils import timezone

from accounts.models import User
from accounts.transactions import in_transaction
from torrents.models import Torrent

from ..models import Folder, Rule, RuleMatch
from . import automatic

Kind = Rule.Kind


@in_transaction
def add(*, owner: User, folder: Folder, tag: str = "", adder: User | None = None) -> tuple[Rule | None, bool]:
    """Make a rule for a tag or for a person, and return it with whether it is new. None if the folder has been removed.

    It applies to torrents that become ready from now on, and a rule for a tag to ready ones that get it from now on.
    One that rests becomes the owner's, as if it were new.
    """
    about: dict[str, Any] = {
        "kind": Kind.PERSON if adder else Kind.TAG,
        "tag": "" if adder else tag,
        "adder": adder,
    }
    return _add(owner, folder, about)


@in_transaction
def add_own(*, person: User, folder: Folder, tag: str) -> Rule | None:
    """Return a rule for what this person adds with a tag, made if there is none. None if they may not use the folder.

    It applies to torrents that become ready from now on, and to ready ones that get the tag from now on.
    """
    if not Folder.objects.usable_by(person).filter(pk=folder.pk).exists():
        return None
    return _add(person, folder, {"kind": Kind.OWN, "tag": tag, "adder": person})[0]


def household_rules(tags: Collection[str]) -> dict[str, Rule]:
    """Return the oldest rule of the household that applies for each of these tags, with its folder."""
    rules = Rule.objects.applied().filter(kind=Kind.TAG, tag__in=tags)
    return {rule.tag: rule for rule in rules.select_related("folder").order_by("-since", "-pk")}


@in_transaction
def apply_again(*, rule: Rule, torrents: Iterable[Torrent]) -> None:
    """Let a rule save torrents once more, although it has saved them before. Those that aren't ready are saved later.

    What the folder still has isn't saved again.
    """
    rows = list(torrents)
    RuleMatch.objects.filter(rule=rule, torrent__in=[row.pk for row in rows]).delete()
    if ready := [row.pk for row in rows if row.downloadable]:
        automatic.note_again(rule, ready)


def always_save(*, owner: User, tags: Iterable[str], folder: Folder) -> None:
    """From now on, save torrents with one of these tags to a folder. A rule that is there already stays as it is."""
    for tag in tags:
        add(owner=owner, folder=folder, tag=tag)


def _add(maker: User, folder: Folder, about: dict[str, Any]) -> tuple[Rule | None, bool]:
    """Return a rule with whether it is new, or None if the folder has been removed."""
    if not Folder.objects.select_for_update().filter(pk=folder.pk).exists():
        return None, False
    # NULLs differ, so the constraint misses tags.
    known = Rule.objects.filter(folder=folder, **about).select_related("made_by").first()
    if known:
        return known, known.rests and _take_over(known, maker)
    made = Rule.objects.create(folder=folder, made_by=maker, **about, **automatic.beginning(timezone.now()))
    return made, True


def _take_over(rule: Rule, owner: User) -> bool:
    """Give a rule to an owner. What it would have saved while it rested is left alone."""
    rule.matches.filter(started_at=None).delete()
    return bool(Rule.objects.filter(pk=rule.pk).update(made_by=owner, **automatic.beginning(timezone.now())))


def remove(rule: Rule) -> None:
    """Remove a rule. What it has started goes on, and what it has saved stays."""
    rule.delete()
