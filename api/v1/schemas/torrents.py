"""Torrents as programs see them."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from pydantic import Field

from torrents.reasons import Reason
from torrents.saving_states import SavingState
from torrents.selection import SORTS
from torrents.states import TABS, Status

from .base import Answer, Page, Time

Filter = StrEnum("Filter", {name.upper(): name for name in TABS})  # type: ignore[misc]
Sort = StrEnum("Sort", {name.upper(): name for name in SORTS})  # type: ignore[misc]


class PersonRef(Answer):
    """A person of the household."""

    id: int
    name: str


class Why(Answer):
    """Why a torrent waits or failed."""

    code: Reason
    params: dict[str, Any] = Field(description="Values of the code, such as `used` and `limit`.")
    upstream_detail: str = Field(description="TorBox’s own sentence, in English, or empty.")
    detail: str = Field(description="A sentence for people, in the language of `Accept-Language`.")


class Removal(Answer):
    """When TorBox removes a torrent that no one downloads before."""

    at: Time
    estimated: bool = Field(description="Whether the time is our estimate, because TorBox gave none.")
    soon: bool = Field(description="Whether that is within a week.")


class SavingOf(Answer):
    """The copy of a torrent on this server."""

    state: SavingState
    progress: float | None = Field(
        ge=0, le=1, description="How much is saved, from 0 to 1, while it is being saved."
    )


class TorrentOut(Answer):
    """A torrent on a TorBox account."""

    id: int
    account_id: int
    hash: str = Field(description="The info hash: 40 hexadecimal digits.")
    name: str
    status: Status
    status_since: Time
    why: Why | None = Field(description="Why it waits or failed, or why the last operation on it did.")
    waiting_until: Time | None = Field(description="Until when it waits to be sent, if that is known.")
    size: int = Field(description="Bytes. 0 while TorBox doesn’t know it.")
    progress: float = Field(ge=0, le=1, description="How much TorBox has, from 0 to 1.")
    download_speed: int = Field(description="Bytes a second.")
    upload_speed: int = Field(description="Bytes a second.")
    eta: int | None = Field(description="Seconds until TorBox has it all, if that is known.")
    seeds: int
    peers: int
    ratio: float = Field(description="Uploaded bytes for each downloaded one.")
    availability: float = Field(description="Complete copies among all peers.")
    downloaded: int = Field(description="Bytes that TorBox downloaded.")
    uploaded: int = Field(description="Bytes that TorBox uploaded.")
    active: bool = Field(description="Whether it uses one of TorBox’s slots.")
    seeding: bool = Field(description="Whether TorBox keeps seeding it once it is ready.")
    cached: bool = Field(description="Whether TorBox had it already.")
    private: bool = Field(description="Whether it is for the trackers in it only.")
    upstream_state: str = Field(description="TorBox’s own name for its state.")
    unread: list[str] = Field(
        description="What TorBox sent about it and we couldn’t read, by TorBox’s names. The values here may be wrong."
    )
    file_count: int
    downloadable: bool = Field(description="Whether links to its files can be had now.")
    tags: list[str]
    kept: bool = Field(description="Whether TorBox keeps it with AirLock.")
    removal: Removal | None
    saving: SavingOf | None
    pending: str | None = Field(
        description="The operation that was asked for and isn’t done yet, such as `pause`."
    )
    edit_pending: bool = Field(description="Whether TorBox doesn’t have its new name, tags, or *kept* yet.")
    hidden: bool = Field(description="Whether it is hidden from others.")
    added_at: Time
    added_by: PersonRef | None = Field(description="Null for torrents that were added elsewhere.")
    may_control: bool = Field(description="Whether you may pause, tag, rename, and delete it.")


class TorrentPage(Page[TorrentOut]):
    """A part of the list of torrents."""

    total: int = Field(description="How many torrents match.")
