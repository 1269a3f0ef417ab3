"""What programs ask for torrents that are there."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from torrents.services.actions.tagging import MAX_TYPED

from .adding import NewTag, Tag
from .base import VISIBLE, Answer, Sent, Time
from .bulk import Ids


class Operation(StrEnum):
    """What can be done to torrents."""

    PAUSE = "pause"
    RESUME = "resume"
    REANNOUNCE = "reannounce"
    STOP_SEEDING = "stop_seeding"
    START = "start"
    DELETE = "delete"
    RESTORE = "restore"
    ADD_AGAIN = "add_again"
    KEEP = "keep"
    UNKEEP = "unkeep"


class OperationSent(Sent):
    """An operation on torrents."""

    operation: Operation = Field(
        description="`start`: out of TorBox’s queue. `restore`: undo a deletion that TorBox hasn’t heard of yet. "
        "`add_again`: send one that failed, is gone, or was deleted once more. `keep`: with AirLock."
    )
    ids: Ids


class TagsSent(Sent):
    """Tags to add to torrents, and to take from them."""

    ids: Ids
    add: list[NewTag] = Field([], max_length=MAX_TYPED)
    remove: list[Tag] = Field([], max_length=MAX_TYPED)


class Changes(Sent):
    """What to change about a torrent. What isn’t sent stays."""

    name: Annotated[str, Field(min_length=1, max_length=500), VISIBLE] | None = None
    tags: list[Tag] | None = Field(None, max_length=MAX_TYPED, description="All tags that it has afterward.")
    kept: bool | None = Field(None, description="Whether TorBox keeps it with AirLock.")
    hidden: bool | None = Field(
        None, description="Whether it is hidden from others, on an account that is shared."
    )


class Deleted(Answer):
    """A torrent that was deleted."""

    id: int
    restorable_until: Time = Field(description="Until when `restore` works. Then TorBox deletes it.")
