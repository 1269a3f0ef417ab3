"""Why saving waits or failed, in words: what happened, and what to do or when it goes on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from localization.formats import short_size
from torrents.formatting import name_in_text

from ..models import Job

Cause = Job.Cause
WORDS: dict[str, str | Promise] = {
    Cause.FULL: gettext_lazy("The disk with %(folder)s is full. Saving resumes when there’s space."),
    Cause.MISSING: gettext_lazy("%(folder)s isn’t available. Saving resumes when its disk or share is back."),
    Cause.DENIED: gettext_lazy(
        "TorBox Web may not write to %(folder)s. Saving resumes when its permissions allow it."
    ),
    Cause.READ_ONLY: gettext_lazy("%(folder)s is read-only. Saving resumes when it’s writable."),
    Cause.NAME: gettext_lazy(
        "The disk with %(folder)s doesn’t accept a file’s name. Save to another folder."
    ),
    Cause.TOO_LARGE: gettext_lazy(
        "The disk with %(folder)s doesn’t accept files this large. Save to another folder."
    ),
    Cause.GONE: gettext_lazy("TorBox no longer has these files. Add the torrent again, then save it."),
    Cause.KEY: gettext_lazy("TorBox doesn’t accept the API key. Enter a new one, and saving resumes."),
    Cause.TORBOX: gettext_lazy("TorBox didn’t send the files. What’s saved so far is kept."),
    Cause.SIZE: gettext_lazy("What TorBox sent isn’t the file it listed, so it wasn’t saved. Try again."),
    Cause.ARIA2: gettext_lazy("aria2 didn’t respond. Saving resumes when it does."),
    Cause.ARIA2_FOLDER: gettext_lazy(
        "aria2 uses another folder than TorBox Web. An owner has to check ARIA2_DIR."
    ),
    Cause.UNPACK: gettext_lazy("All files are saved in %(folder)s, but an archive couldn’t be unpacked."),
}


def cause_words(cause: str, *, folder: str, free: int | None = None, floor: int | None = None) -> str:
    """Return the sentences for a cause; "" if there is none. `folder` is a name, and `free` and `floor` are in bytes."""
    name = name_in_text(folder)
    if cause == Cause.FLOOR:
        return _floor_words(name, free, floor)
    return str(WORDS[cause]) % {"folder": name} if cause in WORDS else ""


def problem_of(params: Mapping[str, Any]) -> str:
    """Return the words for what a row says about saving (`services/showing.py`)."""
    return cause_words(
        str(params.get("cause", "")),
        folder=str(params.get("folder", "")),
        free=params.get("free"),
        floor=params.get("floor"),
    )


def _floor_words(name: str, free: int | None, floor: int | None) -> str:
    if free is None or floor is None:
        return _("%(folder)s has too little free space. Saving resumes when there’s more.") % {"folder": name}
    # Translators: how much space a folder has and must have: “Films has 4.1 GB free. Saving resumes above 10 GB.”
    words = _("%(folder)s has %(free)s free. Saving resumes above %(floor)s.")
    return words % {"folder": name, "free": short_size(free), "floor": short_size(floor)}
