"""The state that qBittorrent would report for a torrent. Pure functions.

What *arr makes of them decides (docs/arr.md): complete ones are imported, and the others are shown with a warning, or as
queued, paused, or downloading. So waiting is never an error, and complete means that all files are where
`content_path` says.
"""

from __future__ import annotations

from enum import Enum, StrEnum, auto

from torrents.reasons import Reason
from torrents.states import Status


class State(StrEnum):
    """The states of qBittorrent that we report. Those for stopped torrents have the names that older programs know."""

    ERROR = "error"
    MISSING_FILES = "missingFiles"
    METADATA = "metaDL"
    QUEUED = "queuedDL"
    CHECKING = "checkingDL"
    DOWNLOADING = "downloading"
    MOVING = "moving"
    STALLED = "stalledDL"
    STOPPED = "pausedDL"
    COMPLETE = "pausedUP"


class Saving(Enum):
    """What happens to the copy of a torrent on this server."""

    NONE = auto()  # Nothing saves it.
    AWAITED = auto()  # A rule is about to save it.
    GOING_ON = auto()
    PAUSED = auto()
    BLOCKED = auto()  # It failed, or can't go on by itself.
    DONE = auto()


OF_SAVING = {
    Saving.AWAITED: State.DOWNLOADING,
    Saving.GOING_ON: State.DOWNLOADING,
    Saving.PAUSED: State.STOPPED,
    Saving.BLOCKED: State.ERROR,
    Saving.DONE: State.COMPLETE,
}
BY_STATUS = {
    Status.QUEUED: State.QUEUED,
    Status.METADATA: State.METADATA,
    Status.DOWNLOADING: State.DOWNLOADING,
    Status.CHECKING: State.CHECKING,
    Status.STORING: State.MOVING,
    Status.WORKING: State.DOWNLOADING,
    Status.STALLED: State.STALLED,
    Status.PAUSED: State.STOPPED,
    Status.READY: State.COMPLETE,
    Status.FAILED: State.ERROR,
    Status.GONE: State.MISSING_FILES,
}
NOT_STARTED = {State.QUEUED, State.METADATA}


def state_of(status: str, reason: str, saving: Saving) -> State:
    """Return the state of a torrent with this status, reason, and copy.

    What is saved is complete, also if TorBox no longer has it. Until TorBox has it, the copy says nothing.
    """
    if saving == Saving.DONE or (status == Status.READY and saving != Saving.NONE):
        return OF_SAVING[saving]
    if status == Status.WAITING:
        return _waiting(reason)
    if status == Status.FAILED and reason == Reason.MISSING_FILES:
        return State.MISSING_FILES
    return BY_STATUS[Status(status)]


def _waiting(reason: str) -> State:
    """Return the state of a torrent that waits to be sent. TorBox may have one whose answer was lost, so it isn't queued."""
    return State.METADATA if reason in ("", Reason.ANSWER_LOST) else State.QUEUED
