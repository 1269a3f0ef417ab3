"""Saving to disk for owners: whether it is on, what is being saved, and the folders with their troubles."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Q, Sum
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, npgettext, pgettext

from localization.formats import clock, file_size, number, short_size, speed
from saving.models import Folder, Job
from saving.pages import folder_text
from saving.services import folders
from saving.services.folders import Space
from torrents.formatting import display_name, isolated
from torrents.models import Heartbeat
from torrents.saving_states import SavingState as State
from torrents.services.upkeep.heartbeats import is_late

from .machinery import Part, Problem, process
from .markup import fill, joined

Cause = Job.Cause
LATE = timedelta(minutes=3)  # a saver takes what is due within seconds
BLOCKED = (State.DISK_FULL, State.NO_FOLDER, State.DENIED)
# What happened, and what to do.
WORDS: dict[str, tuple[str | Promise, str | Promise]] = {
    Cause.MISSING: (
        gettext_lazy("The folder %(folder)s isn’t available."),
        gettext_lazy("Check that its disk is mounted. Saving then continues automatically."),
    ),
    Cause.DENIED: (
        gettext_lazy("TorBox Web can’t write to the folder %(folder)s."),
        gettext_lazy("Give its user permission. Saving then continues automatically."),
    ),
    Cause.READ_ONLY: (
        gettext_lazy("The disk with the folder %(folder)s is read-only."),
        gettext_lazy("Mount it so that TorBox Web can write to it. Saving then continues automatically."),
    ),
    Cause.FULL: (
        gettext_lazy("The disk with the folder %(folder)s is full."),
        gettext_lazy("Free some space. Saving then continues automatically."),
    ),
}


@dataclass(frozen=True)
class Saving:
    """What the Status page shows about saving."""

    parts: list[Part] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def saving() -> Saving:
    """Return the state of saving. Takes at most two seconds, also if a disk doesn't answer."""
    if not folders.is_on():
        return Saving([_off()])
    rows = list(Folder.objects.all())
    spaces, waits = folders.spaces(rows), _waits()
    found = [_folder(row, spaces[row.pk], waits.get(row.pk, {})) for row in rows]
    jobs = _jobs()
    return Saving([jobs, *found], [part.problem for part in [jobs, *found] if part.problem])


def _off() -> Part:
    line = _("Set SAVE_DIR to a folder on this server to save torrents there.")
    # Translators: a feature that isn't switched on.
    return Part("saving", _("Saving to disk"), _("Off"), line, "quiet")


def _jobs() -> Part:
    """Return how many torrents are being saved and wait, and whether anything saves them."""
    name, unfinished = _("Saving to disk"), Job.objects.unfinished()
    found: dict[str, Any] = unfinished.aggregate(
        running=Count("pk", filter=Q(state=State.RUNNING)),
        waiting=Count("pk", filter=~Q(state__in=[State.RUNNING, State.PAUSED, State.FAILED])),
        paused=Count("pk", filter=Q(state=State.PAUSED)),
        failed=Count("pk", filter=Q(state=State.FAILED)),
        total=Sum("bytes_total"),
        done=Sum("bytes_done"),
        speed=Sum("speed", filter=Q(state=State.RUNNING)),
    )
    facts = []
    if found["waiting"]:
        # Translators: how many torrents wait to be saved to disk.
        facts.append(_counted(pgettext("saving", "%(count)s waiting"), found["waiting"]))
    if found["paused"]:
        facts.append(_counted(_("%(count)s paused"), found["paused"]))
    if failed := found["failed"]:
        # Translators: how many torrents couldn’t be saved to a disk.
        facts.append(_counted(npgettext("saving", "%(count)s failed", "%(count)s failed", failed), failed))
    if found["total"]:
        # Translators: how much of the torrents is saved: “12 GB of 40 GB”.
        amounts = {"done": short_size(found["done"] or 0), "total": file_size(found["total"])}
        facts.append(_("%(done)s of %(total)s") % amounts)
    seen_at = Heartbeat.last("saver")
    if is_late(seen_at) and (Job.objects.due().exists() or Job.objects.filter(deleting=True).exists()):
        down = process("saving", name, seen_at, _down(seen_at))
        return replace(down, line=" · ".join([down.line, *facts]))
    if found["speed"]:
        facts.append(speed(found["speed"]))
    running = found["running"]
    # Translators: how many torrents are being saved to a disk.
    word = (
        _counted(ngettext("%(count)s saving", "%(count)s saving", running), running) if running else _("Idle")
    )
    problem = _no_saver() if not running and _is_late() else None
    return Part("saving", name, word, " · ".join(facts), "failed" if problem else "ready", problem)


def _counted(words: str, count: int) -> str:
    return words % {"count": number(count)}


def _is_late() -> bool:
    """Return whether jobs are due that no saver has taken."""
    late = timezone.now() - LATE
    due = Q(retry_at=None, created_at__lt=late) | Q(retry_at__lt=late)
    return Job.objects.unfinished().filter(due, state=State.WAITING).exclude(claimed_until__gt=late).exists()


def _down(seen_at: datetime | None) -> Problem:
    if seen_at:
        # Translators: “saver” is the process that saves torrents to disk. A time, with its date unless it is today.
        words = _("No heartbeat from the saver since %(time)s. Nothing is being saved, and nothing is lost.")
        what = words % {"time": clock(seen_at)}
    else:
        what = _("The saver hasn’t started yet. Nothing is being saved, and nothing is lost.")
    return Problem("failed", what, _("Start the saver. If it’s already running, check its log."))


def _no_saver() -> Problem:
    what = _("Torrents are waiting to be saved, but the saver isn’t picking them up. Nothing is lost.")
    return Problem("failed", what, _("Start the saver. If it’s already running, check its log."))


def _waits() -> dict[int, dict[str, int]]:
    """Return, by folder and cause, how many torrents wait for it."""
    blocked = Job.objects.unfinished().filter(state__in=BLOCKED).order_by()
    counts: dict[int, dict[str, int]] = {}
    for folder, cause, count in blocked.values_list("folder", "cause").annotate(count=Count("pk")):
        counts.setdefault(folder, {})[cause] = count
    return counts


def _folder(folder: Folder, space: Space, waits: dict[str, int]) -> Part:
    line = folder_text.space_line(folder, space)
    cause = space.cause or next((cause for cause in waits if cause in WORDS), "")
    problem = _problem(folder, space, cause, sum(waits.values()))
    word = line.text if line.tone or not cause else str(folder_text.STATES[cause])
    tone = "failed" if problem else "waiting" if line.tone else "ready"
    path = display_name(folder_text.path_of(folder))
    return Part(f"folder-{folder.pk}", isolated(folder.name), word, path, tone, problem)


def _problem(folder: Folder, space: Space, cause: str, waiting: int) -> Problem | None:
    """Return what is wrong with a folder. Little space alone is none as long as nothing waits for it."""
    name = isolated(folder.name)
    if cause:
        words, remedy = WORDS.get(cause, WORDS[Cause.MISSING])
        what = fill(str(words), folder=name)
    elif waiting and space.total and space.free < folder.floor:
        sizes = {"free": short_size(space.free), "floor": short_size(folder.floor)}
        what = fill(_("The folder %(folder)s has %(free)s free and needs %(floor)s."), folder=name, **sizes)
        remedy = _("Free some space, or let the folder need less. Saving then continues automatically.")
    else:
        return None
    waits = ngettext(
        "%(count)s torrent is waiting for it.", "%(count)s torrents are waiting for it.", waiting
    )
    parts = [what, _counted(waits, waiting)] if waiting else [what]
    return Problem("failed", joined(parts), str(remedy))
