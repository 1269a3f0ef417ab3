"""What has changed."""

from __future__ import annotations

from pydantic import Field

from .base import Answer
from .torrents import TorrentOut


class ChangesOut(Answer):
    """What has changed since a cursor."""

    cursor: str = Field(description="Send it as `since` next time. It doesn’t expire.")
    reset: bool = Field(
        description="Whether to read the list of torrents again, because not every change is here. "
        "True for the first request, which has no `since`."
    )
    changed: list[TorrentOut] = Field(description="Torrents that are new or have changed.")
    gone: list[int] = Field(description="The ids of torrents that you no longer see.")
