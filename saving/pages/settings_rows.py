"""What the owners' page *Saving* shows: folders with their space, and rules."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import User
from localization.formats import number
from torrents.formatting import isolated, joined, with_markup

from ..models import Folder, Job, Rule
from ..services import folders
from . import folder_text
from .folder_text import SpaceLine

TITLES = {
    # Translators: torrents that a rule of automatic saving applies to.
    Rule.Kind.TAG: gettext_lazy("Tagged %(tag)s"),
    Rule.Kind.PERSON: gettext_lazy("Added by %(person)s"),
    # Translators: torrents that a person's own rule of automatic saving applies to.
    Rule.Kind.OWN: gettext_lazy("Torrents with the tag %(tag)s that %(person)s adds"),
}


@dataclass(frozen=True)
class FolderRow:
    """A folder with what is said about it. `busy`: something is being saved there."""

    folder: Folder
    path: str
    space: SpaceLine
    who: str
    after: str
    busy: bool


@dataclass(frozen=True)
class RuleRow:
    """A rule: `title` says which torrents it saves, `about` where to and how many so far, `rests` why it isn't applied.

    All of them are markup.
    """

    rule: Rule
    icon: str
    title: SafeString
    about: SafeString
    rests: SafeString


def folder_rows() -> list[FolderRow]:
    """Return all folders. Takes at most two seconds, also if a disk doesn't answer."""
    rows = list(Folder.objects.prefetch_related("people"))
    owners = list(User.objects.enabled_owners().order_by("date_joined", "pk"))
    spaces = folders.spaces(rows)
    busy = set(Job.objects.unfinished().order_by().values_list("folder", flat=True).distinct())
    return [
        FolderRow(
            folder,
            folder_text.path_of(folder),
            folder_text.space_line(folder, spaces[folder.pk]),
            folder_text.who(folder, list(folder.people.all()), owners),
            folder_text.after(folder),
            folder.pk in busy,
        )
        for folder in rows
    ]


def rule_rows(viewer: User) -> list[RuleRow]:
    """Return all rules of the household."""
    return [_rule_row(rule, viewer) for rule in Rule.objects.select_related("folder", "adder", "made_by")]


def rule_title(rule: Rule) -> SafeString:
    """Return which torrents a rule saves, as markup."""
    about = {"tag": isolated(rule.tag)} if rule.tag else {}
    if rule.adder:
        about["person"] = isolated(rule.adder.display_name)
    return with_markup(TITLES[Rule.Kind(rule.kind)], **about)


def _rule_row(rule: Rule, viewer: User) -> RuleRow:
    facts = [with_markup(_("Saved to %(folder)s"), folder=isolated(rule.folder.name))]
    # Translators: how many torrents a rule has saved: “38 so far”.
    saved = ngettext("%(count)s so far", "%(count)s so far", rule.saved)
    facts.append(SafeString(saved % {"count": number(rule.saved)}))
    if rule.made_by_id not in (viewer.pk, rule.adder_id if rule.kind == Rule.Kind.OWN else None):
        # Translators: the owner who made a rule.
        facts.append(with_markup(_("made by %(person)s"), person=isolated(rule.made_by.display_name)))
    icon = "user" if rule.kind == Rule.Kind.PERSON else "tag"
    return RuleRow(rule, icon, rule_title(rule), joined(facts), _rests(rule))


def _rests(rule: Rule) -> SafeString:
    """Return why a rule isn't applied, and what to do about it; "" if it is."""
    if not rule.rests:
        return SafeString("")
    person = isolated(rule.made_by.display_name)
    if rule.kind == Rule.Kind.OWN:
        words = _of_own(rule.made_by)
    elif rule.made_by.is_active:
        words = _(
            "Not applied, because %(person)s is no longer an owner. Add the rule again to make it yours."
        )
    else:
        words = _("Not applied, because %(person)s is suspended. Add the rule again to make it yours.")
    return with_markup(words, person=person)


def _of_own(maker: User) -> str:
    """Return why a person's own rule isn't applied."""
    if maker.is_active:
        return _("Not applied, because %(person)s can’t save to this folder anymore.")
    return _("Not applied, because %(person)s is suspended.")
