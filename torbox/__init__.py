"""A client for the TorBox API. All public names are listed here."""

from __future__ import annotations

from torbox.boot_clock import boot_clock
from torbox.client import Client
from torbox.control import OPERATIONS, QUEUED_OPERATIONS
from torbox.errors import (
    AuthError,
    Duplicate,
    LimitReached,
    Malformed,
    NotFound,
    NotSent,
    RateLimited,
    Reason,
    Refused,
    TooLarge,
    TorBoxError,
    Unavailable,
    Unreachable,
)
from torbox.listing import MAX_ROWS
from torbox.magnet_scanner import FoundMagnet, Scan, SkippedText, scan
from torbox.magnets import InvalidMagnet, Magnet
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
    Unreadable,
    UsageDay,
    UsageStats,
    User,
)
from torbox.ping import outage
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
    "FoundMagnet",
    "InvalidMagnet",
    "InvalidTorrentFile",
    "LimitReached",
    "Magnet",
    "Malformed",
    "NotFound",
    "NotSent",
    "Plan",
    "Queued",
    "RateLimited",
    "Reason",
    "Refused",
    "Scan",
    "SkippedText",
    "TooLarge",
    "TorBoxError",
    "Torrent",
    "TorrentInfo",
    "TorrentMeta",
    "Unavailable",
    "Unchanged",
    "Unreachable",
    "Unreadable",
    "UsageDay",
    "UsageStats",
    "User",
    "boot_clock",
    "outage",
    "scan",
]
