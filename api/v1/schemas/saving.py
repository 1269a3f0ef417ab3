"""Saving to the server's disk."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from pydantic import Field

from saving.models import Folder, Job
from torrents.saving_states import SavingState

from .base import Answer, Id, Page, Sent, Time
from .bulk import Ids
from .torrents import PersonRef


class FolderOut(Answer):
    """A folder that you may save to."""

    id: int
    name: str
    after: Folder.After = Field(description="What happens to the torrent at TorBox once it is saved.")


class Folders(Answer):
    """The folders that you may save to."""

    items: list[FolderOut]


class JobOut(Answer):
    """Saving a torrent, or files of it, to a folder."""

    id: int
    torrent_id: int
    folder_id: int
    folder: str = Field(description="The name of the folder.")
    path: str = Field(description="Where its files are below the folder. Empty for a single file.")
    state: SavingState
    cause: Job.Cause = Field(description="Why it waits or failed, or empty.")
    params: dict[str, Any] = Field(description="Values of the cause, such as `free` and `floor` in bytes.")
    upstream_detail: str = Field(description="TorBox’s own sentence, in English, or empty.")
    detail: str = Field(description="The cause as a sentence for people, or empty.")
    size: int = Field(description="Bytes.")
    saved: int = Field(description="Bytes of them that are saved.")
    speed: int = Field(description="Bytes a second.")
    retry_at: Time | None = Field(description="When it tries again.")
    created_at: Time
    ended_at: Time | None = Field(description="When it was saved, or canceled.")
    person: PersonRef | None = Field(description="Who wanted it, if they are still here.")
    may_control: bool = Field(description="Whether you may pause and cancel it.")


class JobPage(Page[JobOut]):
    """A part of the jobs, the newest first."""


class SaveOperation(StrEnum):
    """What can be done to what is being saved."""

    PAUSE = "pause"
    RESUME = "resume"
    RETRY = "retry"
    FIRST = "first"
    LAST = "last"
    CANCEL = "cancel"


class SaveSent(Sent):
    """Torrents to save."""

    torrent_ids: Ids
    folder_id: Id
    file_ids: list[Id] = Field([], max_length=20_000, description="Only these files, of a single torrent.")


class JobOperationSent(Sent):
    """What to do to jobs."""

    operation: SaveOperation = Field(description="`first` and `last`: move it in the queue.")
    ids: Ids
    keep_partial: bool = Field(True, description="For `cancel`: whether partial files stay. Whole ones do.")
