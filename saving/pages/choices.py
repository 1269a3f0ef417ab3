"""What the dialog offers: folders with their space, and rules for tags that all torrents share."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import User
from localization.formats import file_size, number
from torrents.formatting import display_name
from torrents.models import Torrent

from ..models import Folder, Job, Rule
from ..services import folders, promises

TOLD = re.compile(rf"({'|'.join(Folder.After.values)})-([0-9]{{1,3}})")
MAX_TAGS = 3  # boxes for rules
Cause = Job.Cause
PROBLEMS: dict[str, str | Promise] = {
    Cause.DENIED: gettext_lazy("No permission"),
    Cause.READ_ONLY: gettext_lazy("Read-only"),
}


@dataclass(frozen=True)
class FolderChoice:
    """A folder in the dialog. `problem`: why it can't be chosen, "" if it can.

    `after`: what happens at TorBox, in words, and `told` as the form sends it back.
    """

    folder: Folder
    name: str
    path: str
    free: str
    problem: str
    after: str
    told: str


def folder_choices(
    user: User, torrents: Sequence[Torrent], size: int, *, whole: bool = True
) -> list[FolderChoice]:
    """Return the folders that a person may save to, the one they used last first."""
    usable = list(Folder.objects.usable_by(user))
    last = (
        Job.objects.filter(person=user)
        .order_by("-created_at", "-pk")
        .values_list("folder", flat=True)
        .first()
    )
    usable.sort(key=lambda folder: folder.pk != last)
    spaces = folders.spaces(usable)
    keys = [torrent.pk for torrent in torrents]
    follows = whole and Torrent.objects.controllable_by(user).filter(pk__in=keys).exists()
    many = len(torrents) != 1
    return [
        _choice(folder, spaces[folder.pk], size, promises.safer(folder) if follows else promises.KEPT, many)
        for folder in usable
    ]


def afterwards(said: promises.Says, many: bool) -> str:
    """Return what happens at TorBox after saving, in words."""
    if said.after == Folder.After.KEEP:
        return _("They stay on TorBox, too.") if many else _("It stays on TorBox, too.")
    if said.after == Folder.After.STOP_SEEDING:
        return _("TorBox stops seeding afterwards.")
    days = said.after_days
    if many:
        sentence = ngettext(
            "%(days)s day later, they’re deleted from TorBox.",
            "%(days)s days later, they’re deleted from TorBox.",
            days,
        )
    else:
        sentence = ngettext(
            "%(days)s day later, it’s deleted from TorBox.",
            "%(days)s days later, it’s deleted from TorBox.",
            days,
        )
    return sentence % {"days": number(days)}


def rule_tags(user: User, torrents: Sequence[Torrent]) -> list[str]:
    """Return the tags that all torrents share and that an owner can make a rule for, without those that have one."""
    if not user.is_owner or not torrents:
        return []
    shared = [tag for tag in torrents[0].tags if all(tag in torrent.tags for torrent in torrents)]
    if not shared:
        return []
    ruled = set(
        Rule.objects.applied().filter(kind=Rule.Kind.TAG, tag__in=shared).values_list("tag", flat=True)
    )
    return [tag for tag in shared if tag not in ruled][:MAX_TAGS]


def told_in(text: str) -> promises.Afterwards | None:
    """Return what `FolderChoice.told` says, or None if it isn't that."""
    match = TOLD.fullmatch(text)
    return promises.Afterwards(match[1], int(match[2])) if match else None


def _choice(
    folder: Folder, space: folders.Space, size: int, said: promises.Afterwards, many: bool
) -> FolderChoice:
    problem = str(PROBLEMS.get(space.cause, _("Folder not available"))) if space.cause else ""
    if not problem and space.total and space.free - size < folder.floor:  # Some shares don't know their size.
        problem = _("Not enough space")
    free = file_size(space.free) if space.free else ""
    return FolderChoice(
        folder=folder,
        name=display_name(folder.name),
        path=display_name(str(Path(settings.SAVE_DIR or "/") / folder.path)),
        # Translators: the free space of a folder, such as “1.2 TB free”.
        free=_("%(size)s free") % {"size": free} if free and not space.cause else "",
        problem=problem,
        after=afterwards(said, many),
        told=f"{said.after}-{said.after_days}",
    )
