"""What TorBox and the BitTorrent network know of torrents, and what torrents are exported as."""

from __future__ import annotations

from typing import Annotated

from pydantic import Base64Bytes, Field

from links.services.exporting import MagnetSource

from .base import Answer, Id, Sent

HASH = r"^[0-9a-fA-F]{40}$"
Hash = Annotated[str, Field(pattern=HASH, min_length=40, max_length=40)]


class CachedSent(Sent):
    """Hashes to check."""

    hashes: list[Hash] = Field(min_length=1, max_length=1000)
    files: bool = Field(False, description="Also list the files of those that are cached.")
    account_id: Id | None = Field(None, description="The TorBox account to ask with.")


class FoundFile(Answer):
    """A file of a torrent that isn’t in your list."""

    path: str
    size: int


class CachedItem(Answer):
    """Whether TorBox has a torrent already."""

    hash: str
    cached: bool
    name: str
    size: int = Field(description="Bytes. 0 if it isn’t cached.")
    files: list[FoundFile] | None


class CachedOut(Answer):
    """Whether TorBox has each of them, in the order in which they were sent. One that is sent twice is there once."""

    items: list[CachedItem]


class LookupSent(Sent):
    """A torrent to look up: its hash, or its .torrent file."""

    hash: Hash | None = None
    file: Base64Bytes | None = Field(None, description="The .torrent file in Base64.")
    seconds: int = Field(10, ge=1, le=20, description="How long TorBox searches at most.")
    use_cache: bool = Field(False, description="Take what TorBox has cached, if it has it.")
    peers_only: bool = Field(False, description="Only count seeds and peers.")
    account_id: Id | None = Field(None, description="The TorBox account to ask with.")


class LookupOut(Answer):
    """What the BitTorrent network knows of a torrent."""

    hash: str
    name: str
    size: int
    seeds: int | None
    peers: int | None
    trackers: list[str]
    files: list[FoundFile]


class MagnetOut(Answer):
    """A torrent as a magnet link."""

    uri: str
    source: MagnetSource = Field(
        description="`torbox`: TorBox’s export. `kept`: the link that it was added with. `built`: made from the hash."
    )


class TorrentFileOut(Answer):
    """A torrent as a .torrent file."""

    name: str
    content: str = Field(description="The file in Base64.")
