"""Find out which files can be played, by TorBox's MIME type, or by the extension if TorBox sent no type."""

from __future__ import annotations

VIDEO = frozenset(
    ["mkv", "mp4", "m4v", "webm", "avi", "mov", "mpg", "mpeg", "ts", "m2ts", "wmv", "flv", "ogv", "3gp"]
)
AUDIO = frozenset(["mp3", "flac", "m4a", "m4b", "aac", "ogg", "oga", "opus", "wav", "wma", "aiff"])


def media_kind(name: str, mime_type: str = "") -> str:
    """Return "video", "audio", or ""."""
    kind = mime_type.partition("/")[0].lower()
    if kind in ("video", "audio"):
        return kind
    ending = name.rpartition(".")[2].lower()
    return "video" if ending in VIDEO else "audio" if ending in AUDIO else ""
