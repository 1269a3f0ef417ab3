"""The state that qBittorrent would report for a torrent. Pure functions."""

from __future__ import annotations

from enum import StrEnum


class State(StrEnum):
    """The states of qBittorrent 5.1 that we report. *arr takes `pausedUP` for complete, and removes it then."""

    ERROR = "error"
    MISSING_FILES = "missingFiles"
    METADATA = "metaDL"
    QUEUED = "queuedDL"
    CHECKING = "checkingDL"
    DOWNLOADING = "downloading"
    MOVING = "moving"
    STALLED = "stalledDL"
    STOPPED = "stoppedDL"
    COMPLETE = "pausedUP"
