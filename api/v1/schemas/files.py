"""Files of torrents."""

from __future__ import annotations

from pydantic import Field

from .base import Answer, Page


class FileOut(Answer):
    """A file of a torrent."""

    id: int = Field(description="May change when TorBox lists other files.")
    path: str = Field(description="With its folders, separated by slashes.")
    size: int = Field(description="Bytes.")
    mime_type: str = Field(description="Empty if TorBox doesn’t say.")


class FilePage(Page[FileOut]):
    """A part of the files of a torrent."""
