"""The words a person reads for the state of a torrent, and the one function that derives them.

TorBox reports qBittorrent's states, some of its own, in varying case and with reasons in parentheses; the
rules and their order are those of docs/torbox-api.md#states.
"""

from __future__ import annotations

from django.db import models

import torbox


class Status(models.TextChoices):
    WAITING = "waiting", "Waiting to send"
    QUEUED = "queued", "Queued"
    METADATA = "metadata", "Finding files"
    DOWNLOADING = "downloading", "Downloading"
    CHECKING = "checking", "Checking"
    STORING = "storing", "Storing"
    WORKING = "working", "In progress"
    STALLED = "stalled", "Stalled"
    PAUSED = "paused", "Paused"
    READY = "ready", "Ready"
    FAILED = "failed", "Failed"
    GONE = "gone", "Gone"


MOVING = frozenset({Status.METADATA, Status.DOWNLOADING, Status.CHECKING, Status.STORING, Status.WORKING})
ENDED = frozenset({Status.FAILED, Status.GONE})
TABS: dict[str, tuple[str, frozenset[Status]]] = {
    "all": ("All", frozenset(Status)),
    "downloading": ("Downloading", MOVING),
    "ready": ("Ready", frozenset({Status.READY})),
    "waiting": ("Waiting", frozenset({Status.WAITING, Status.QUEUED, Status.STALLED, Status.PAUSED})),
    "failed": ("Failed", ENDED),
}
TONES: dict[Status, str] = {
    **dict.fromkeys(MOVING, "active"),
    **dict.fromkeys((Status.WAITING, Status.QUEUED, Status.STALLED), "waiting"),
    Status.READY: "ready",
    Status.FAILED: "failed",
    Status.PAUSED: "quiet",
    Status.GONE: "quiet",
}

GIVEN_UP = ("failed", "error", "missing", "timedout", "inactive", "unavailable", "incomplete")
BY_STATE: tuple[tuple[tuple[str, ...], Status], ...] = (
    (("metadl", "forcedmetadl"), Status.METADATA),
    (("stalled",), Status.STALLED),
    (("checking", "queued", "allocating", "processing"), Status.CHECKING),
    (("moving",), Status.STORING),
    (("paused", "stoppeddl"), Status.PAUSED),
    (("downloading", "forceddl"), Status.DOWNLOADING),
)


def reason_of(remote: torbox.Torrent) -> str:
    """Why it ended, in TorBox's words: its error, or what it put in parentheses behind the state."""
    _, _, reason = remote.state.partition("(")
    return remote.error or reason.rstrip(") ") or remote.state


def status_of(remote: torbox.Torrent) -> Status:
    """What to call a row of TorBox's list. `ready` is the bytes being there, never the state's name."""
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
