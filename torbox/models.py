"""TorBox's data as frozen values. Sizes are in bytes, speeds in bytes/s, times aware in UTC.

Each `from_json` takes one parsed object and ignores unknown fields. A value that can't be understood counts as missing.
Without a readable id and hash, Malformed is raised. The fields and their sources: docs/torbox-api.md#torrent-object.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Self

from torbox.account import PLANS, Plan, UsageDay, UsageStats, User
from torbox.digests import digest as digest_of
from torbox.errors import Malformed
from torbox.fields import MAGNET_LIMIT, MAX_COUNT, Fields, info_hash
from torbox.files import File, FileEntry, entries_of, files_of

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
    "Unreadable",
    "UsageDay",
    "UsageStats",
    "User",
]

ETA_UNKNOWN = 8_640_000  # seconds; TorBox's torrent engine uses it for unknown


@dataclass(frozen=True, slots=True)
class Torrent:
    """A row of the account's list.

    `progress`: 0 to 1. `eta`: seconds, or None if unknown. `availability`: copies in the swarm. `state`: TorBox's raw
    word (docs/torbox-api.md#states). `download_finished`: None if TorBox left it out. `files`: None if TorBox left them
    out, which is not the same as (). `digest` identifies the row as TorBox sent it, so an equal one means that nothing
    changed. `airlocked`: kept without being downloaded (docs/torbox-api.md#airlock). `unread`: TorBox's names of
    the fields whose values can't be understood, which count as missing, and of lists that were cut. `unread_files`: how
    many files were left out for that reason.
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
    airlocked: bool = False
    tags: tuple[str, ...] = ()
    alternative_hashes: tuple[str, ...] = ()
    error: str = ""
    auth_id: str = field(
        default="", repr=False
    )  # the owner of the list; not to be published, docs/torbox-api.md#account-ids
    digest: str = ""
    unread: tuple[str, ...] = ()
    unread_files: int = 0

    @classmethod
    def from_json(cls, obj: object, digest: str = "") -> Self:
        fields = Fields(obj)
        files, unread_files = files_of(fields, known_hash := fields.info_hash())
        return cls(
            id=fields.id("id"),
            info_hash=known_hash,
            name=fields.text("name"),
            magnet=fields.text("magnet", MAGNET_LIMIT),
            size=max(0, fields.integer("size")),
            active=fields.boolean("active"),
            state=fields.sentence("download_state"),
            progress=_progress(fields.decimal("progress")),
            download_speed=max(0, fields.integer("download_speed")),
            upload_speed=max(0, fields.integer("upload_speed")),
            eta=_eta(fields.integer("eta", -1)),
            seeds=max(0, fields.integer("seeds", largest=MAX_COUNT)),
            peers=max(0, fields.integer("peers", largest=MAX_COUNT)),
            ratio=max(0.0, fields.decimal("ratio")),
            availability=max(0.0, fields.decimal("availability")),
            created_at=fields.time("created_at"), updated_at=fields.time("updated_at"),
            cached_at=fields.time("cached_at"),
            expires_at=fields.time("expires_at"),
            download_finished=fields.optional_boolean("download_finished"),
            download_present=fields.boolean("download_present"), cached=fields.boolean("cached"),
            files=files,
            tracker=fields.text("tracker"),
            tracker_message=fields.sentence("tracker_message"),
            total_downloaded=max(0, fields.integer("total_downloaded")),
            total_uploaded=max(0, fields.integer("total_uploaded")),
            allow_zipped=fields.boolean("allow_zipped"),
            seed_torrent=fields.boolean("seed_torrent"),
            long_term_seeding=fields.boolean("long_term_seeding"),
            private=fields.boolean("private"),
            torrent_file=fields.boolean("torrent_file"),
            airlocked=fields.boolean("airlocked"),
            tags=fields.texts("tags"), alternative_hashes=fields.texts("alternative_hashes"),
            error=fields.sentence("error"), auth_id=fields.text("auth_id"),
            digest=digest or digest_of(obj),
            unread=fields.unread, unread_files=unread_files,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Unchanged:
    """A row of the list whose digest is as before. Its other fields were not read."""

    id: int
    info_hash: str
    download_present: bool = False


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A row of a list whose id or hash can't be understood.

    `field`: TorBox's name of the wrong field, "data" if the row is not an object. `id`: None if it can't be read.
    `digest` distinguishes it from other rows.
    """

    field: str
    id: int | None = None
    digest: str = ""

    @classmethod
    def of(cls, obj: object, error: Malformed) -> Self:
        try:
            remote_id = Fields(obj).optional_id("id")
        except Malformed:
            remote_id = None
        return cls(error.field, remote_id, digest_of(obj))


def _progress(value: float) -> float:
    # Slightly over 1 is a rounding error; more is a percentage, which some endpoints send.
    if value <= 1.001:
        return max(0.0, min(value, 1.0))
    return min(value / 100, 1.0)


def _eta(seconds: int) -> int | None:
    return seconds if 0 <= seconds < ETA_UNKNOWN else None


@dataclass(frozen=True, slots=True)
class Queued:
    """A row waiting for a slot. `id` is not a torrent id (docs/torbox-api.md#queue)."""

    id: int
    info_hash: str
    name: str = ""
    magnet: str = ""
    created_at: datetime | None = None
    type: str = ""
    unread: tuple[str, ...] = ()

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
            unread=fields.unread,
        )


@dataclass(frozen=True, slots=True)
class Added:
    """The result of adding. Either id may be None, and both are if TorBox only confirmed the request.

    `cached`: TorBox already had the content, so it is ready at once.
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
    """Content that TorBox has cached. `files` is () unless requested."""

    info_hash: str
    name: str = ""
    size: int = 0
    files: tuple[FileEntry, ...] = ()

    @classmethod
    def from_json(cls, obj: object, key: str | None = None) -> Self:
        """Read an entry. `key`: the hash it was filed under, used if the entry doesn't repeat it."""
        fields = Fields(obj)
        return cls(
            info_hash=_hash_of(fields, key),
            name=fields.text("name"),
            size=max(0, fields.integer("size")),
            files=entries_of(fields),
        )


@dataclass(frozen=True, slots=True)
class TorrentInfo:
    """Metadata from the swarm. `seeds` and `peers` are None if TorBox didn't count them."""

    info_hash: str
    name: str = ""
    size: int = 0
    files: tuple[FileEntry, ...] = ()
    trackers: tuple[str, ...] = ()
    seeds: int | None = None
    peers: int | None = None

    @classmethod
    def from_json(cls, obj: object, asked: str | None = None) -> Self:
        """Read metadata. `asked`: the requested hash, used if a response with a name doesn't repeat it."""
        fields = Fields(obj)
        return cls(
            info_hash=_hash_of(fields, asked if fields.text("name") else None),
            name=fields.text("name"),
            size=max(0, fields.integer("size")),
            files=entries_of(fields),
            trackers=fields.texts("trackers"),
            seeds=_counted(fields, "seeds"),
            peers=_counted(fields, "peers"),
        )


def _counted(fields: Fields, key: str) -> int | None:
    number = fields.integer(key, -1, MAX_COUNT)
    return number if number >= 0 else None


def _hash_of(fields: Fields, known: str | None) -> str:
    """Return the hash of a response, or else the known one. Raises Malformed."""
    with suppress(Malformed):
        return fields.info_hash()
    return info_hash(known)
