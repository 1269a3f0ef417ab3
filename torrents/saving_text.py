"""Why saving to disk waits or failed, in words: what happened, and what to do or when it goes on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from localization.formats import number, short_size

from .formatting import display_name, name_in_text

Params = Mapping[str, Any]
MAX_DETAIL = 160  # characters of TorBox's sentence
# By cause (`saving.models.Job.Cause`). %(folder)s is the name of a folder.
WORDS: dict[str, str | Promise] = {
    "full": gettext_lazy("The disk with %(folder)s is full. Saving resumes when there’s space."),
    "missing": gettext_lazy("%(folder)s isn’t available. Saving resumes when its disk or share is back."),
    "denied": gettext_lazy(
        "TorBox Web can’t write to %(folder)s. Saving resumes when its permissions allow it."
    ),
    "read_only": gettext_lazy("%(folder)s is read-only. Saving resumes when it’s writable."),
    "name": gettext_lazy("The disk with %(folder)s doesn’t accept a file’s name. Save to another folder."),
    "too_large": gettext_lazy(
        "The disk with %(folder)s doesn’t accept files this large. Save to another folder."
    ),
    "gone": gettext_lazy("TorBox no longer has these files. Add the torrent again, then save it."),
    "suspended": gettext_lazy(
        "The person who’s saving this is suspended. Saving resumes when they’re reactivated."
    ),
    "not_allowed": gettext_lazy(
        "The person who’s saving this can’t save to %(folder)s anymore. What’s saved so far is kept."
    ),
    "hidden": gettext_lazy(
        "The person who’s saving this can’t see the torrent anymore. What’s saved so far is kept."
    ),
    "key": gettext_lazy("TorBox doesn’t accept the API key. Enter a new one, and saving resumes."),
    "size": gettext_lazy("What TorBox sent isn’t the file it listed, so it wasn’t saved. Try again."),
    "aria2": gettext_lazy("aria2 didn’t respond. Saving resumes when it does."),
    "aria2_folder": gettext_lazy(
        "aria2 uses a different folder than TorBox Web. An owner has to check ARIA2_DIR."
    ),
}
# Why an archive wasn't unpacked (`saving.unpacking`). %(file)s is its name.
NOT_UNPACKED: dict[str, str | Promise] = {
    "damaged": gettext_lazy("All files are saved, but %(file)s is damaged and couldn’t be unpacked."),
    "encrypted": gettext_lazy("All files are saved, but %(file)s needs a password and couldn’t be unpacked."),
    "unsafe": gettext_lazy(
        "All files are saved, but %(file)s wasn’t unpacked because it has links or files that lead outside."
    ),
    "too_large": gettext_lazy("All files are saved, but %(file)s wasn’t unpacked because it’s too large."),
    "too_many": gettext_lazy(
        "All files are saved, but %(file)s wasn’t unpacked because it has too many files."
    ),
    "no_program": gettext_lazy(
        "All files are saved, but %(file)s wasn’t unpacked because bsdtar isn’t installed."
    ),
}


def saving_trouble(cause: str, params: Params, upstream_detail: str = "") -> str:
    """Return the sentences for a cause; "" if there is none.

    `params`: folder (its name), free and floor (bytes), reason and file of an archive, and missing (a number) and file for
    those that TorBox doesn't send, as far as they apply.
    """
    make = MADE.get(cause)
    if make:
        return make(params, upstream_detail)
    return str(WORDS[cause]) % {"folder": folder_name(params)} if cause in WORDS else ""


def folder_name(params: Params) -> str:
    """Return the name of the folder that something is about, on one line."""
    return name_in_text(str(params.get("folder", "")))


def _floor(params: Params, detail: str) -> str:
    folder, free, floor = folder_name(params), params.get("free"), params.get("floor")
    if not isinstance(free, int) or not isinstance(floor, int):
        return _("%(folder)s has too little free space. Saving resumes when there’s more.") % {
            "folder": folder
        }
    # Translators: a folder’s free space, and how much it must have: “Films has 4.1 GB free. Saving resumes above 10 GB.”
    words = _("%(folder)s has %(free)s free. Saving resumes above %(floor)s.")
    return words % {"folder": folder, "free": short_size(free), "floor": short_size(floor)}


def _torbox(params: Params, detail: str) -> str:
    if detail := display_name(detail, MAX_DETAIL):
        # Translators: what TorBox said, word for word.
        return _("TorBox didn’t send the files: “%(detail)s” What’s saved so far is kept.") % {
            "detail": detail
        }
    return _missing(params) or _("TorBox didn’t send the files. What’s saved so far is kept.")


def _missing(params: Params) -> str:
    """Return which files TorBox doesn't send, "" if it may be all of them."""
    count, file = params.get("missing"), name_in_text(str(params.get("file", "")), 60)
    if not isinstance(count, int) or count < 1 or not file:
        return ""
    if count == 1:
        # Translators: %(file)s is the name of a file. The other files of its torrent are saved.
        return _("TorBox hasn’t sent %(file)s yet. What’s saved so far is kept.") % {"file": file}
    words = ngettext(
        "TorBox hasn’t sent %(count)s file yet. What’s saved so far is kept.",
        "TorBox hasn’t sent %(count)s files yet. What’s saved so far is kept.",
        count,
    )
    return words % {"count": number(count)}


def _unpack(params: Params, detail: str) -> str:
    words = NOT_UNPACKED.get(str(params.get("reason", "")))
    file = name_in_text(str(params.get("file", "")), 60)
    if words is None or not file:
        return _("All files are saved, but an archive couldn’t be unpacked.")
    return str(words) % {"file": file}


MADE: dict[str, Callable[[Params, str], str]] = {"floor": _floor, "torbox": _torbox, "unpack": _unpack}
