"""What rows say about saving torrents to the server's disk, and what they offer to do about it. Makes no queries.

The feature `saving` writes the facts on torrents (`Torrent.saving_params`). It adds words for causes, and the line of its
tab, when it starts (`show_with`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from django.conf import settings
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from accounts.models import User
from localization.formats import clock, duration, number, sentences
from localization.formats import speed as speed_in_words
from torrents.formatting import display_name, isolated, joined, name_in_text, with_markup
from torrents.models import Torrent
from torrents.saving_states import TONES, saves_to_disk
from torrents.saving_states import SavingState as State
from torrents.states import Status

from .. import url_cache
from .row_text import Bar, Speed

FOLDER_NAME = 18  # characters that a status has room for
Params = Mapping[str, Any]


class Control(NamedTuple):
    """A button of a row in the tab. `dialog`: it asks first."""

    label: str
    title: str
    icon: str
    url: str
    dialog: bool


@dataclass(frozen=True)
class TabLine:
    """The line above the tab's rows. `label`, `icon`, and `url` are those of its button; without one they are empty."""

    text: str
    label: str = ""
    icon: str = ""
    url: str = ""


class Feature(NamedTuple):
    """What `saving` adds.

    `problem_of` returns the words for a row's cause, `line_for` the line for a person, and `may_save` whether there is a
    folder for a person.
    """

    problem_of: Callable[[Params], str]
    line_for: Callable[[User], TabLine]
    may_save: Callable[[User], bool]


_features: list[Feature] = []


def show_with(
    *,
    problem_of: Callable[[Params], str],
    line_for: Callable[[User], TabLine],
    may_save: Callable[[User], bool],
) -> None:
    """Have the list use these words. Called when an app starts."""
    _features[:] = [Feature(problem_of, line_for, may_save)]


def tab_line(person: User) -> TabLine | None:
    """Return the line above the tab's rows."""
    return _features[0].line_for(person) if _features else None


def may_save(person: User) -> bool:
    """Return whether there is a folder that a person may save to."""
    return saves_to_disk() and bool(_features) and _features[0].may_save(person)


def is_unfinished(torrent: Torrent) -> bool:
    """Return whether it is being saved, or is to be."""
    return bool(torrent.saving) and torrent.saving != State.SAVED and saves_to_disk()


def replaces_status(torrent: Torrent) -> bool:
    """Return whether the status is that of saving, also outside of the tab. Other states of a torrent matter more."""
    return is_unfinished(torrent) and torrent.status == Status.READY


def words(torrent: Torrent) -> dict[str, Any]:
    """Return the fields of a `Row` that are about saving."""
    fields = {
        "tone": TONES.get(State(torrent.saving), ""),
        "status": _status(torrent),
        "status_title": _path(torrent.saving_params),
        "bar": _bar(torrent),
        "kept": False,
        "keep_url": "",
        "saving": True,
    }
    return fields if torrent.pending else fields | {"note": _note(torrent)}


def speed(torrent: Torrent) -> Speed:
    rate = _int(torrent.saving_params, "speed") if torrent.saving == State.RUNNING else 0
    return Speed(speed_in_words(rate) if rate else "", "")


def problem(torrent: Torrent) -> str:
    """Return why saving waits or failed, and when it goes on; "" if nothing is wrong."""
    params = torrent.saving_params
    if not (params.get("cause") and _features):
        return ""
    said, until = _features[0].problem_of(params), _until(params)
    if torrent.saving != State.WAITING or until is None or until <= timezone.now():
        return said
    # Translators: a time, with its date unless it is today.
    return sentences([said, _("Next try: %(time)s.") % {"time": clock(until)}])


def quiet_line(torrent: Torrent, account: str = "") -> SafeString:
    """Return the line under the name in the tab, as markup."""
    words = problem(torrent)
    parts = [words] if words else [*_facts(torrent)]
    return joined([*filter(None, parts), *([isolated(account)] if account else [])])


PAUSE: tuple[str | Promise, str | Promise, str] = (
    gettext_lazy("Pause saving %(name)s"),
    gettext_lazy("Pause"),
    "pause",
)
RESUME = (gettext_lazy("Resume saving %(name)s"), gettext_lazy("Resume"), "circle-play")
RETRY = (gettext_lazy("Try to save %(name)s again"), pgettext_lazy("verb", "Retry"), "rotate-ccw")
CANCEL = (gettext_lazy("Cancel saving %(name)s"), gettext_lazy("Cancel"), "x")
# Translators: a button: no longer list a torrent that is saved.
DISMISS = (gettext_lazy("Dismiss %(name)s"), pgettext_lazy("saving", "Dismiss"), "x")
OPERATIONS = {
    State.WAITING: ("pause", PAUSE),
    State.RUNNING: ("pause", PAUSE),
    State.PAUSED: ("resume", RESUME),
    State.SCHEDULED: ("resume", RESUME),
    State.DISK_FULL: ("retry", RETRY),
    State.NO_FOLDER: ("retry", RETRY),
    State.DENIED: ("retry", RETRY),
    State.FAILED: ("retry", RETRY),
    State.SAVED: ("dismiss", DISMISS),
}


def controls(torrent: Torrent, user: User) -> tuple[Control, ...]:
    """Return the buttons for a person: for their own jobs, and as an owner for all."""
    if not torrent.saving or not (user.is_owner or torrent.saving_params.get("person") == user.pk):
        return ()
    state, name = State(torrent.saving), display_name(str(torrent))
    operation, texts = OPERATIONS[state]
    url = url_cache.of_torrent("saving:control", torrent.pk, operation)
    first = _control(texts, name, url, dialog=False)
    if state == State.SAVED:
        return (first,)
    cancel = url_cache.of_torrent("saving:cancel", torrent.pk)
    return first, _control(CANCEL, name, cancel, dialog=True)


def _control(
    texts: tuple[str | Promise, str | Promise, str], name: str, url: str, *, dialog: bool
) -> Control:
    label, title, icon = texts
    return Control(str(label) % {"name": name}, str(title), icon, url, dialog)


def _status(torrent: Torrent) -> str:
    state, params = State(torrent.saving), torrent.saving_params
    if state == State.RUNNING:
        folder = name_in_text(str(params.get("folder", "")), FOLDER_NAME)
        # Translators: a status: a torrent is being saved to a folder of the server.
        return _("Saving to %(folder)s") % {"folder": folder}
    if state == State.SCHEDULED:
        if until := _until(params):
            # Translators: a status. %(time)s is such as “22:00”.
            return _("Paused until %(time)s") % {"time": clock(until)}
        return str(State.PAUSED.label)
    return str(state.label)


def _path(params: Params) -> str:
    path = str(params.get("path", ""))
    return display_name(str(Path(settings.SAVE_DIR or "/") / path)) if path else ""


def _note(torrent: Torrent) -> str:
    params, percent = torrent.saving_params, _int(torrent.saving_params, "percent")
    if torrent.saving == State.SAVED:
        until = _until(params)
        return clock(until) if until else ""
    if torrent.saving == State.RUNNING and "eta" in params:
        left = duration(_int(params, "eta"))
        return f"{percent}% · {left}"
    return f"{percent}%" if percent or torrent.saving == State.RUNNING else ""


def _bar(torrent: Torrent) -> Bar | None:
    percent = _int(torrent.saving_params, "percent")
    running = torrent.saving == State.RUNNING
    if torrent.saving == State.SAVED or not (percent or running):
        return None
    eta = _int(torrent.saving_params, "eta")
    pace = (1 - percent / 100) / eta if running and eta > 0 else 0.0
    return Bar(f"{percent / 100:.4f}", f"{pace:.6f}", percent)


def _facts(torrent: Torrent) -> Iterator[str]:
    params = torrent.saving_params
    files, done = _int(params, "files"), _int(params, "done")
    if torrent.saving == State.SAVED:
        sentence = ngettext("%(count)s file in %(folder)s", "%(count)s files in %(folder)s", files)
        yield with_markup(sentence, count=number(files), folder=isolated(str(params.get("folder", "")), 60))
    elif done and files > 1:
        # Translators: how many files of a torrent are saved.
        sentence = ngettext("%(done)s of %(count)s file", "%(done)s of %(count)s files", files)
        yield sentence % {"done": number(done), "count": number(files)}
    elif files:
        yield ngettext("%(count)s file", "%(count)s files", files) % {"count": number(files)}
    if person := params.get("by"):
        yield with_markup(_("resumed by %(person)s"), person=isolated(str(person)))


def _until(params: Params) -> datetime | None:
    try:
        return datetime.fromisoformat(str(params.get("until", "")))
    except ValueError:
        return None


def _int(params: Params, name: str) -> int:
    value = params.get(name, 0)
    return value if isinstance(value, int) else 0
