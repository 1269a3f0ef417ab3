"""The status of a torrent as people read it, and the function that derives it from what TorBox reports.

TorBox reports qBittorrent's states and some of its own, in varying case, with reasons in parentheses. The rules and
their order are in docs/torbox-api.md#states.
"""

from __future__ import annotations

import re

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

import torbox

from .reasons import Explanation, Reason
from .saving_states import SAVING


class Status(models.TextChoices):
    """What a torrent does, as one or two words about one torrent."""

    WAITING = "waiting", _("Waiting to send")
    QUEUED = "queued", _("Queued")
    METADATA = "metadata", _("Finding files")
    DOWNLOADING = "downloading", _("Downloading")
    # Translators: TorBox checks the pieces of a torrent.
    CHECKING = "checking", _("Checking")
    # Translators: TorBox moves a finished torrent to its storage.
    STORING = "storing", _("Storing")
    WORKING = "working", _("In progress")
    STALLED = "stalled", _("Stalled")
    PAUSED = "paused", _("Paused")
    READY = "ready", _("Ready")
    FAILED = "failed", _("Failed")
    # Translators: TorBox no longer has the torrent.
    GONE = "gone", _("Gone")


MOVING = frozenset({Status.METADATA, Status.DOWNLOADING, Status.CHECKING, Status.STORING, Status.WORKING})
ENDED = frozenset({Status.FAILED, Status.GONE})
# Two tabs hold a part of the torrents of their statuses: this one, see removal.py, and SAVING.
EXPIRING = "expiring"
TABS: dict[str, tuple[str | Promise, frozenset[Status]]] = {
    # Translators: a tab above the list, followed by the number of torrents in it.
    "all": (pgettext_lazy("torrents", "All"), frozenset(Status)),
    # Translators: a tab above the list, followed by the number of torrents in it.
    "downloading": (pgettext_lazy("torrents", "Downloading"), MOVING),
    # Translators: a tab above the list, followed by the number of torrents in it.
    "ready": (pgettext_lazy("torrents", "Ready"), frozenset({Status.READY})),
    # Translators: a tab above the list, followed by the number of torrents in it.
    "waiting": (
        pgettext_lazy("torrents", "Waiting"),
        frozenset({Status.WAITING, Status.QUEUED, Status.STALLED, Status.PAUSED}),
    ),
    # Translators: a tab above the list, followed by the number of torrents in it.
    "failed": (pgettext_lazy("torrents", "Failed"), ENDED),
    # Translators: a tab above the list, followed by the number of torrents in it: TorBox removes them soon.
    EXPIRING: (pgettext_lazy("torrents", "Expiring"), frozenset({Status.READY})),
    # Translators: a tab above the list, followed by the number of torrents in it: they are being saved to the server’s disk,
    # or were today.
    SAVING: (pgettext_lazy("torrents", "Saving"), frozenset(Status)),
}
TONES: dict[Status, str] = {
    **dict.fromkeys(MOVING, "active"),
    **dict.fromkeys((Status.WAITING, Status.QUEUED, Status.STALLED), "waiting"),
    Status.READY: "ready",
    Status.FAILED: "failed",
    Status.PAUSED: "quiet",
    Status.GONE: "quiet",
}

INCOMPLETE = "incomplete"
GIVEN_UP = ("failed", "error", "missing", "timedout", "inactive", "unavailable")
DECISIVE = {"download_state", "active", "download_finished", "download_present"}
DOUBTFUL = {Status.WORKING, Status.STORING, *ENDED}  # a row has these also when nothing better fits
BY_STATE: tuple[tuple[tuple[str, ...], Status], ...] = (
    (("metadl", "forcedmetadl"), Status.METADATA),
    (("stalled", INCOMPLETE), Status.STALLED),
    (("checking", "queued", "allocating", "processing"), Status.CHECKING),
    (("moving",), Status.STORING),
    (("paused", "stoppeddl"), Status.PAUSED),
    (("downloading", "forceddl"), Status.DOWNLOADING),
)

REASONS = {
    "error": Reason.ERROR,
    "failed": Reason.UNEXPLAINED,
    "inactive": Reason.INACTIVE,
    "missing": Reason.MISSING_FILES,
    "missingfiles": Reason.MISSING_FILES,
    "timedout": Reason.TIMED_OUT,
    "unavailable": Reason.UNAVAILABLE,
}
_LONGER_THAN = re.compile(r"([a-z]*)\s*\(?\s*>\s*(\d+\s+[a-z]+)\s*\)?", re.IGNORECASE | re.ASCII)


def why_ended(remote: torbox.Torrent) -> Explanation:
    """Return why TorBox gave up on a torrent: “inactive (>30 days)” is `INACTIVE`, `longer_than` 30 days."""
    said = _last_words(remote)
    if known := REASONS.get(said.casefold()):
        return Explanation(known, {}, said)
    if match := _LONGER_THAN.fullmatch(said):
        reason = REASONS.get(match[1].casefold())
        params = {"longer_than": " ".join(match[2].split())}
        return Explanation(reason if reason == Reason.TIMED_OUT else Reason.INACTIVE, params, said)
    return Explanation(Reason.GIVEN_UP, {}, said)


def _last_words(remote: torbox.Torrent) -> str:
    """Return TorBox's error, or the text in parentheses after the state.

    If the parentheses hold only a length of time, return the state with it: “inactive (>30 days)”.
    """
    _, _, reason = remote.state.partition("(")
    reason = reason.strip().removesuffix(")").rstrip()
    return remote.error or (remote.state if reason.startswith((">", "<")) else reason) or remote.state


def is_incomplete(state: str) -> bool:
    """Return whether TorBox's state says that there aren't enough seeds to finish. TorBox continues by itself."""
    return state.casefold().startswith(INCOMPLETE)


def status_of(remote: torbox.Torrent, undecided: Status = Status.WORKING) -> Status:
    """Return the status of a row of TorBox's list. *Ready* means that the bytes are there, whatever the state's name.

    `undecided` is returned if the status depends on a field that couldn't be read.
    """
    status = _status_of(remote)
    if status in DOUBTFUL and DECISIVE.intersection(remote.unread):
        return undecided
    return status


def _status_of(remote: torbox.Torrent) -> Status:
    state = remote.state.casefold().split("(")[0].strip()
    if remote.download_present and remote.download_finished is not False:
        return Status.READY
    if state.startswith("expired"):
        return Status.GONE
    if state.startswith(GIVEN_UP) and not remote.active:
        return Status.FAILED
    if remote.download_finished:
        return Status.STORING if remote.active else Status.GONE
    for prefixes, status in BY_STATE:
        if state.startswith(prefixes):
            return status
    return Status.WORKING if remote.active or state else Status.GONE
