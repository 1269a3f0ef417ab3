"""What programs send to add torrents, and what they get."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, Base64Bytes, Field

from torrents.models.tags import MAX_TAG
from torrents.services.actions.tagging import COMMAS, MAX_TYPED

from .base import VISIBLE, Answer, Id, Sent
from .torrents import TorrentOut

MAX_TEXT = 8_000_000
MAX_MAGNETS, MAX_MAGNET = 5_000, 10_000
MAX_FILES = 100


def _without_comma(tag: str) -> str:
    if COMMAS.search(tag):
        raise ValueError("a comma separates tags")
    return tag


Tag = Annotated[str, Field(min_length=1, max_length=MAX_TAG), VISIBLE]
NewTag = Annotated[Tag, AfterValidator(_without_comma)]


class SeedChoice(StrEnum):
    """Whether TorBox seeds a torrent once it has it."""

    AUTOMATIC = "automatic"
    YES = "yes"
    NO = "no"


class FileSent(Sent):
    """A .torrent file."""

    name: str = Field("file", max_length=200)
    content: Base64Bytes = Field(description="The file in Base64.")


class Source(Sent):
    """Torrents in any form, and the account to ask or to add to."""

    text: str = Field(
        "",
        max_length=MAX_TEXT,
        description="Magnet links, info hashes, and links to .torrent files, or any text with them.",
    )
    magnets: list[Annotated[str, Field(max_length=MAX_MAGNET)]] = Field([], max_length=MAX_MAGNETS)
    hashes: list[Annotated[str, Field(max_length=100)]] = Field([], max_length=MAX_MAGNETS)
    files: list[FileSent] = Field([], max_length=MAX_FILES)
    account_id: Id | None = Field(
        None, description="A TorBox account that you may add to. Without it, we choose the best one."
    )


class ToAdd(Source):
    """Torrents to add, with every option that TorBox has."""

    seed: SeedChoice = SeedChoice.AUTOMATIC
    allow_zip: bool = Field(True, description="Let TorBox zip torrents with 100 or more files.")
    name: str = Field("", max_length=500, description="A name, if it is a single torrent.")
    as_queued: bool = Field(False, description="Queue it without starting.")
    only_if_cached: bool = Field(False, description="Add it only if TorBox has it already.")
    hidden: bool = Field(False, description="Show it only to you and the owner of the account.")
    tags: list[NewTag] = Field([], max_length=MAX_TYPED)


class SkippedOut(Answer):
    """A part of what was sent that can’t be used."""

    reason: str
    text: str
    line: int | None = Field(description="The line of `text`, with `magnets` and `hashes` after it.")
    detail: str = Field(description="A sentence for people, in the language of `Accept-Language`.")


class PreviewLineOut(Answer):
    """A torrent that would be added."""

    hash: str
    name: str
    size: int = Field(description="Bytes. 0 if it isn’t known.")
    file_count: int
    cached: bool | None = Field(description="Whether TorBox has it already. Null if TorBox didn’t say.")
    torrent: TorrentOut | None = Field(description="The torrent, if you have it already.")


class PreviewOut(Answer):
    """What would be added."""

    items: list[PreviewLineOut]
    skipped: list[SkippedOut]
    repeated: int = Field(description="How many were there more than once.")


class AddedAs(StrEnum):
    """What became of a torrent that was sent."""

    ADDED = "added"
    EXISTING = "existing"
    NOT_HIDDEN = "not_hidden"  # someone else has it hidden on this account, so a second person can't hide it


class AddedItem(Answer):
    """A torrent that was sent."""

    hash: str
    result: AddedAs = Field(description="`not_hidden`: it can’t be hidden on this account, and wasn’t added.")
    torrent: TorrentOut | None


class AddedOut(Answer):
    """What became of each torrent. Those that were added are sent to TorBox now, one after the other."""

    items: list[AddedItem]
    skipped: list[SkippedOut]
