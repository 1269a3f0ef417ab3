"""What owners read about a folder: its space, who may save to it, what happens afterwards, and why it can't be used."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext

from accounts.models import User
from localization.formats import listed, number, short_size
from torrents.formatting import display_name, name_in_text

from ..models import Folder, Job
from ..services.folders import Refusal, Space

Cause = Job.Cause
After = Folder.After
NAMED = 3  # people
STATES: dict[str, str | Promise] = {
    Cause.MISSING: gettext_lazy("Folder not available"),
    Cause.DENIED: gettext_lazy("No permission"),
    Cause.READ_ONLY: gettext_lazy("Read-only"),
    Cause.FULL: gettext_lazy("Disk full"),
}
SENTENCES: dict[str, str | Promise] = {
    Refusal.NAME_TAKEN: gettext_lazy("Another folder has this name."),
    Refusal.PATH_TAKEN: gettext_lazy("This folder is already in the list."),
    Refusal.BUSY: gettext_lazy("Torrents are being saved there. Cancel them, or wait until they’re saved."),
    # Translators: “Test” is an action in the menu of a folder.
    Refusal.UNMARKED: gettext_lazy(
        "The file .torbox-web is missing there. Check that its disk is mounted, then choose Test."
    ),
    Cause.MISSING: gettext_lazy("We can’t reach or create this folder. Check that its disk is mounted."),
    Cause.DENIED: gettext_lazy("TorBox Web can’t write there. Give its user permission to the folder."),
    Cause.READ_ONLY: gettext_lazy("The disk is read-only. Mount it so that TorBox Web can write to it."),
    Cause.FULL: gettext_lazy("The disk is full."),
    Cause.NAME: gettext_lazy("The disk doesn’t allow a folder with this name."),
}


@dataclass(frozen=True)
class SpaceLine:
    """How full the disk of a folder is. `percent` is what is used, None if we don't know."""

    text: str
    tone: str = ""
    percent: int | None = None


def save_dir() -> str:
    """Return SAVE_DIR as people read it."""
    return display_name(str(settings.SAVE_DIR))


def path_of(folder: Folder) -> str:
    """Return the full path of a folder on this server, as a form takes it."""
    return str(Path(settings.SAVE_DIR or "/") / folder.path)


def space_line(folder: Folder, space: Space) -> SpaceLine:
    """Return what is free where a folder is, or why nothing can be saved there."""
    if space.cause:
        return SpaceLine(str(STATES.get(space.cause, STATES[Cause.MISSING])), "failed")
    if not space.total:  # some network shares don't know
        return SpaceLine(_("Free space unknown"))
    used = 100 - round(100 * space.free / space.total)
    if space.free < folder.floor:
        text = _("%(free)s free, needs %(floor)s")
        sizes = {"free": short_size(space.free), "floor": short_size(folder.floor)}
        return SpaceLine(text % sizes, "failed", used)
    # Translators: how much of a disk is free: “1.2 TB of 3.6 TB free”.
    text = _("%(free)s of %(total)s free")
    return SpaceLine(text % {"free": short_size(space.free), "total": short_size(space.total)}, "", used)


def who(folder: Folder, people: Sequence[User], owners: Sequence[User]) -> str:
    """Return who can save to a folder: everyone, or owners and the people it names."""
    if folder.for_everyone:
        return pgettext("who can save", "Everyone")
    allowed = [*owners, *(person for person in people if not person.is_owner and person.is_active)]
    names = [name_in_text(person.display_name) for person in allowed[:NAMED]]
    if more := len(allowed) - len(names):
        # Translators: the end of a list of people: “Mara, Jon, and 2 more”.
        names.append(ngettext("%(count)s more", "%(count)s more", more) % {"count": number(more)})
    return listed(names)


def after(folder: Folder) -> str:
    """Return what happens at TorBox once a torrent is saved."""
    if folder.after == After.DELETE:
        return delete_after(folder.after_days)
    return _("Stop seeding") if folder.after == After.STOP_SEEDING else _("Keep on TorBox")


def delete_after(days: int) -> str:
    """Return that torrents are deleted from TorBox some days after they were saved."""
    text = ngettext("Delete from TorBox after %(count)s day", "Delete from TorBox after %(count)s days", days)
    return text % {"count": number(days)}


def sentence(cause: str) -> str:
    """Return why a folder can't be used, and what to do about it."""
    if cause == Refusal.OUTSIDE:
        text = _("Choose a folder inside %(folder)s, without “..” or symbolic links in its path.")
        return text % {"folder": save_dir()}
    return str(SENTENCES.get(cause, SENTENCES[Cause.MISSING]))
