"""Links to files, for an hour or lasting."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from links.models import LastingLink

from .base import Answer, Id, Page, Sent, SentTime, Time
from .problems import ProblemDetails

# Names of their own, because the document has another `Kind`.
LinkKind = StrEnum("LinkKind", {one.name: one.value for one in LastingLink.Kind})  # type: ignore[misc]
LinkPart = StrEnum("LinkPart", {one.name: one.value for one in LastingLink.Part})  # type: ignore[misc]


class DownloadSent(Sent):
    """What to get a link to."""

    file_id: Id | None = Field(None, description="The id of a file. Without it, a zip of the whole torrent.")


class DownloadOut(Answer):
    """A link to TorBox’s servers. Anyone who has it can download, without a token."""

    name: str
    url: str
    start_until: Time = Field(description="Until when a download can begin. One that has begun goes on.")


class DownloadsSent(Sent):
    """Files to get links to."""

    file_ids: list[Id] = Field([], max_length=80, description="Without any, the first 80 files.")


class DownloadItem(Answer):
    """A link to one file, or why there is none."""

    name: str
    path: str
    url: str | None
    problem: ProblemDetails | None


class DownloadsOut(Answer):
    """Links to files."""

    items: list[DownloadItem]
    start_until: Time


class LinkSent(Sent):
    """A lasting link to make: to a torrent, or to a folder or file of it."""

    torrent_id: Id
    part: LinkPart = LinkPart("all")
    path: str = Field("", max_length=5_000, description="The folder or file, as in `path` of its files.")
    expires_at: SentTime | None = Field(None, description="Null: never.")
    max_uses: int | None = Field(None, ge=1, le=1_000_000, description="Null: any number.")
    password: str = Field("", max_length=200)


class LinkOut(Answer):
    """A lasting link, which works without signing in until it ends."""

    id: int
    kind: LinkKind
    url: str
    torrent_id: int | None
    part: LinkPart
    path: str
    name: str = Field(description="Of a playlist or podcast.")
    created_at: Time
    expires_at: Time | None
    max_uses: int | None
    uses: int
    has_password: bool
    revoked_at: Time | None


class LinkPage(Page[LinkOut]):
    """A part of your links."""
