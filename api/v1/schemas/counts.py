"""How many torrents there are."""

from __future__ import annotations

from pydantic import Field

from .base import Answer


class Counts(Answer):
    """How many torrents each tab of the list holds. Some are in several."""

    all: int
    downloading: int
    ready: int
    waiting: int
    failed: int
    expiring: int = Field(description="TorBox removes them within a week.")
    saving: int = Field(description="They are being saved to the server’s disk, or were today.")
