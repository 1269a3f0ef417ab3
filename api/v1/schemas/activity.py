"""What happened."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from torrents.models import Activity

from .base import Answer, Page, Time
from .torrents import PersonRef


class EventOut(Answer):
    """Something that happened to a torrent."""

    id: int
    at: Time
    kind: Activity.Kind
    code: str = Field(description="More about the kind: an operation, or the reason why something failed.")
    params: dict[str, Any] = Field(
        description="Values of kind and code, such as `error`, `path`, or `count`."
    )
    upstream_detail: str = Field(description="TorBox’s own sentence, in English, or empty.")
    detail: str = Field(description="A sentence for people, in the language of `Accept-Language`.")
    person: PersonRef | None = Field(description="Null if no one here did it.")
    account_id: int
    torrent_id: int | None = Field(description="Null if you no longer see the torrent.")
    name: str = Field(description="The name that the torrent had.")


class EventPage(Page[EventOut]):
    """A part of the activity, the newest first."""
