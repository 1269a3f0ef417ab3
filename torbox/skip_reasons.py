"""Codes for text and files that hold no usable torrent. Callers make the words for them."""

from __future__ import annotations

from enum import StrEnum


class SkipReason(StrEnum):
    """Why something in a paste or an upload can't be used. Parameters are listed behind each code."""

    # A text that should be a magnet link or an info hash.
    NOT_A_MAGNET = "not_a_magnet"
    NOT_A_HASH = "not_a_hash"
    NO_HASH = "no_hash"
    INCOMPLETE_HASH = "incomplete_hash"
    V2_ONLY_MAGNET = "v2_only_magnet"

    # A line of a paste.
    NOTHING_USABLE = "nothing_usable"
    POSSIBLE_HASH = "possible_hash"
    MORE_LINES = "more_lines"  # count: further lines and links that can't be used
    READING_STOPPED = "reading_stopped"  # limit: lines without a magnet or hash

    # A .torrent file.
    EMPTY_FILE = "empty_file"
    FILE_TOO_LARGE = "file_too_large"  # limit: MiB
    DAMAGED_GZIP = "damaged_gzip"
    WEB_PAGE = "web_page"
    MAGNET_IN_FILE = "magnet_in_file"
    NOT_A_TORRENT_FILE = "not_a_torrent_file"
    TOO_MANY_VALUES = "too_many_values"  # limit: values
    TOO_MANY_FILES = "too_many_files"  # limit: files
    V2_ONLY_FILE = "v2_only_file"
    REPEATED_KEY = "repeated_key"  # key
    DAMAGED_PIECES = "damaged_pieces"
    IMPOSSIBLE_SIZE = "impossible_size"
    NO_FILES = "no_files"
    DAMAGED_FILE_LIST = "damaged_file_list"
    FILE_WITHOUT_PATH = "file_without_path"


class Unusable(ValueError):
    """Raised for a text or a file that holds no usable torrent: `reason` says why, and `params` go with it."""

    def __init__(self, reason: SkipReason, **params: str | int) -> None:
        super().__init__(reason.value)
        self.reason = reason
        self.params = params
