"""Which files can be played. TorBox's MIME type decides, else the name's ending: TorBox does not always know."""

from __future__ import annotations

VIDEO = frozenset(
    ["mkv", "mp4", "m4v", "webm", "avi", "mov", "mpg", "mpeg", "ts", "m2ts", "wmv", "flv", "ogv", "3gp"]
)
AUDIO = frozenset(["mp3", "flac", "m4a", "m4b", "aac", "ogg", "oga", "opus", "wav", "wma", "aiff"])


def media_kind(name: str, mime_type: str = "") -> str:
    """Video, audio or the empty string."""
    kind = mime_type.partition("/")[0].lower()
    if kind in ("video", "audio"):
        return kind
    ending = name.rpartition(".")[2].lower()
    return "video" if ending in VIDEO else "audio" if ending in AUDIO else ""
