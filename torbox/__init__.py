"""A client for the TorBox API. Everything public is named here."""

from __future__ import annotations

from torbox.being_up import is_up
from torbox.changing import OPERATIONS, QUEUED_OPERATIONS
from torbox.client import Client
from torbox.errors import (
    AuthError,
    Duplicate,
    LimitReached,
    Malformed,
    NotFound,
    RateLimited,
    Refused,
    TooLarge,
    TorBoxError,
    Unavailable,
    Unreachable,
)
from torbox.listing import MAX_ROWS
from torbox.magnets import Found, InvalidMagnet, Magnet, Scan, Skipped, scan
from torbox.models import (
    PLANS,
    Added,
    CachedTorrent,
    File,
    FileEntry,
    Plan,
    Queued,
    Torrent,
    TorrentInfo,
    Unchanged,
    User,
)
from torbox.torrentfiles import MAX_TORRENT_FILE, InvalidTorrentFile, TorrentMeta

__all__ = [
    "MAX_ROWS",
    "MAX_TORRENT_FILE",
    "OPERATIONS",
    "PLANS",
    "QUEUED_OPERATIONS",
    "Added",
    "AuthError",
    "CachedTorrent",
    "Client",
    "Duplicate",
    "File",
    "FileEntry",
    "Found",
    "InvalidMagnet",
    "InvalidTorrentFile",
    "LimitReached",
    "Magnet",
    "Malformed",
    "NotFound",
    "Plan",
    "Queued",
    "RateLimited",
    "Refused",
    "Scan",
    "Skipped",
    "TooLarge",
    "TorBoxError",
    "Torrent",
    "TorrentInfo",
    "TorrentMeta",
    "Unavailable",
    "Unchanged",
    "Unreachable",
    "User",
    "is_up",
    "scan",
]
