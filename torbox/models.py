"""What TorBox sends, as frozen values. Sizes in bytes, speeds in bytes/s, times aware in UTC.

Each `from_json` takes one parsed object, ignores fields it does not know and raises Malformed for
what it cannot understand. The fields and their sources: docs/torbox-api.md#torrent-object.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from torbox.account import PLANS, Plan, User
from torbox.digests import digest as digest_of
from torbox.fields import MAGNET_LIMIT, PATH_LIMIT, Fields, info_hash

__all__ = [
    "PLANS",
    "Added",
    "CachedTorrent",
    "File",
    "FileEntry",
    "Plan",
    "Queued",
    "Torrent",
    "TorrentInfo",
    "Unchanged",
    "User",
]

ETA_UNKNOWN = 8_640_000  # seconds; the sentinel of the torrent engine behind TorBox


@dataclass(frozen=True, slots=True)
class File:
    """One file of a torrent on the account. `id` is opaque and may be 0; `path` starts with the root folder."""

    id: int
    path: str
    size: int
    mime_type: str = ""
    zipped: bool = False
    infected: bool = False

    @property
    def short_name(self) -> str:
        return self.path.rsplit("/", 1)[-1]

    @classmethod
    def from_json(cls, obj: object) -> Self:
        fields = Fields(obj, "files")
        return cls(
            id=fields.id("id"),
            path=fields.text("name", PATH_LIMIT) or fields.text("short_name", PATH_LIMIT),
            size=max(0, fields.integer("size")),
            # A handful of them, on hundreds of thousands of files.
            mime_type=sys.intern(fields.text("mimetype")),
            zipped=fields.boolean("zipped"),
            infected=fields.boolean("infected"),
        )


@dataclass(frozen=True, slots=True)
class FileEntry:
    """A file of a torrent nobody has added: no id, so no link can be asked for. `size` in bytes."""

    path: str
    size: int

    @classmethod
    def from_json(cls, obj: object) -> Self:
        fields = Fields(obj, "files")
        path = fields.text("name", PATH_LIMIT) or fields.text("short_name", PATH_LIMIT)
        return cls(path=path, size=max(0, fields.integer("size")))


def _entries(fields: Fields) -> tuple[FileEntry, ...]:
    return tuple(FileEntry.from_json(item) for item in fields.items("files") or ())


@dataclass(frozen=True, slots=True)
class Torrent:
    """One row of the account's list.

    `progress` 0 to 1; `eta` seconds or None when unknown; `availability` copies in the swarm; `state`
    TorBox's raw word (docs/torbox-api.md#states); `download_finished` None when TorBox left it out;
    `files` None when TorBox said nothing about them, which is not the same as (). `digest` stands for the row as
    TorBox sent it: the same again means that nothing changed.
    """

    id: int
    info_hash: str
    name: str = ""
    magnet: str = ""
    size: int = 0
    active: bool = False
    state: str = ""
    progress: float = 0.0
    download_speed: int = 0
    upload_speed: int = 0
    eta: int | None = None
    seeds: int = 0
    peers: int = 0
    ratio: float = 0.0
    availability: float = 0.0
    created_at: datetime | None = None
    updated_at: datetime | None = None
    cached_at: datetime | None = None
    expires_at: datetime | None = None
    download_finished: bool | None = None
    download_present: bool = False
    cached: bool = False
    files: tuple[File, ...] | None = None
    tracker: str = ""
    tracker_message: str = ""
    total_downloaded: int = 0
    total_uploaded: int = 0
    allow_zipped: bool = False
    seed_torrent: bool = False
    long_term_seeding: bool = False
    private: bool = False
    torrent_file: bool = False
    tags: tuple[str, ...] = ()
    alternative_hashes: tuple[str, ...] = ()
    error: str = ""
    digest: str = ""

    @classmethod
    def from_json(cls, obj: object, digest: str = "") -> Self:
        fields = Fields(obj)
        return cls(
            id=fields.id("id"),
            info_hash=fields.info_hash(),
            name=fields.text("name"),
            magnet=fields.text("magnet", MAGNET_LIMIT),
            size=max(0, fields.integer("size")),
            active=fields.boolean("active"),
            state=fields.text("download_state"),
            progress=_progress(fields.decimal("progress")),
            download_speed=max(0, fields.integer("download_speed")),
            upload_speed=max(0, fields.integer("upload_speed")),
            eta=_eta(fields.integer("eta", -1)),
            seeds=max(0, fields.integer("seeds")),
            peers=max(0, fields.integer("peers")),
            ratio=max(0.0, fields.decimal("ratio")),
            availability=max(0.0, fields.decimal("availability")),
            created_at=fields.time("created_at"),
            updated_at=fields.time("updated_at"),
            cached_at=fields.time("cached_at"),
            expires_at=fields.time("expires_at"),
            download_finished=fields.optional_boolean("download_finished"),
            download_present=fields.boolean("download_present"),
            cached=fields.boolean("cached"),
            files=_files(fields),
            tracker=fields.text("tracker"),
            tracker_message=fields.text("tracker_message"),
            total_downloaded=max(0, fields.integer("total_downloaded")),
            total_uploaded=max(0, fields.integer("total_uploaded")),
            allow_zipped=fields.boolean("allow_zipped"),
            seed_torrent=fields.boolean("seed_torrent"),
            long_term_seeding=fields.boolean("long_term_seeding"),
            private=fields.boolean("private"),
            torrent_file=fields.boolean("torrent_file"),
            tags=fields.texts("tags"),
            alternative_hashes=fields.texts("alternative_hashes"),
            error=fields.text("error"),
            digest=digest or digest_of(obj),
        )


@dataclass(frozen=True, slots=True)
class Unchanged:
    """A row of the list that is as it was when somebody noted its digest; nothing else of it was read."""

    id: int
    info_hash: str
    download_present: bool = False


def _files(fields: Fields) -> tuple[File, ...] | None:
    items = fields.items("files")
    return None if items is None else tuple(File.from_json(item) for item in items)


def _progress(value: float) -> float:
    # A hair over 1 is rounding; more than that is the percentage some paths send.
    if value <= 1.001:
        return max(0.0, min(value, 1.0))
    return min(value / 100, 1.0)


def _eta(seconds: int) -> int | None:
    return seconds if 0 <= seconds < ETA_UNKNOWN else None


@dataclass(frozen=True, slots=True)
class Queued:
    """A row waiting for a slot. `id` counts apart from torrent ids (docs/torbox-api.md#queue)."""

    id: int
    info_hash: str
    name: str = ""
    magnet: str = ""
    created_at: datetime | None = None
    type: str = ""

    @classmethod
    def from_json(cls, obj: object) -> Self:
        fields = Fields(obj)
        return cls(
            id=fields.id("id"),
            info_hash=fields.info_hash(),
            name=fields.text("name"),
            magnet=fields.text("magnet", MAGNET_LIMIT),
            created_at=fields.time("created_at"),
            type=fields.text("type"),
        )


@dataclass(frozen=True, slots=True)
class Added:
    """What came of adding. Either id may be None, and both are when TorBox only said yes.

    `cached`: TorBox had the content already, so nothing needs to be waited for.
    """

    info_hash: str | None = None
    torrent_id: int | None = None
    queued_id: int | None = None
    cached: bool = False
    detail: str = ""

    @classmethod
    def from_json(cls, obj: object, detail: str = "") -> Self:
        fields = Fields({} if obj is None else obj)
        return cls(
            info_hash=fields.info_hash() if fields.has("hash") else None,
            torrent_id=fields.optional_id("torrent_id"),
            queued_id=fields.optional_id("queued_id"),
            cached=detail.lower().startswith("found cached"),
            detail=detail,
        )


@dataclass(frozen=True, slots=True)
class CachedTorrent:
    """Content TorBox has ready for anyone; `files` is () unless they were asked for."""

    info_hash: str
    name: str = ""
    size: int = 0
    files: tuple[FileEntry, ...] = ()

    @classmethod
    def from_json(cls, obj: object, key: str | None = None) -> Self:
        """`key`: the hash the entry was filed under, used when it does not repeat it."""
        fields = Fields(obj)
        return cls(
            info_hash=fields.info_hash() if fields.has("hash") else info_hash(key),
            name=fields.text("name"),
            size=max(0, fields.integer("size")),
            files=_entries(fields),
        )


@dataclass(frozen=True, slots=True)
class TorrentInfo:
    """Metadata fetched from the swarm; `seeds` and `peers` None when TorBox did not count."""

    info_hash: str
    name: str = ""
    size: int = 0
    files: tuple[FileEntry, ...] = ()
    trackers: tuple[str, ...] = ()
    seeds: int | None = None
    peers: int | None = None

    @classmethod
    def from_json(cls, obj: object) -> Self:
        fields = Fields(obj)
        return cls(
            info_hash=fields.info_hash(),
            name=fields.text("name"),
            size=max(0, fields.integer("size")),
            files=_entries(fields),
            trackers=fields.texts("trackers"),
            seeds=max(0, fields.integer("seeds")) if fields.has("seeds") else None,
            peers=max(0, fields.integer("peers")) if fields.has("peers") else None,
        )
