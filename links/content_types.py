"""The content types of files, by TorBox's word for it, or by the extension. Pure functions."""

from __future__ import annotations

import mimetypes
import re

MIME_TYPE = re.compile(r"[A-Za-z0-9][\w.+-]{0,60}/[A-Za-z0-9][\w.+-]{0,60}", re.ASCII)
UNKNOWN = "application/octet-stream"
# Python reads them from the system, where they may be missing.
MEDIA = {
    "mkv": "video/x-matroska", "m4v": "video/mp4", "m4a": "audio/mp4", "m4b": "audio/mp4", "m2ts": "video/mp2t",
    "ts": "video/mp2t", "flac": "audio/flac", "ogg": "audio/ogg", "oga": "audio/ogg", "opus": "audio/ogg",
    "ogv": "video/ogg", "webm": "video/webm", "avi": "video/x-msvideo", "wmv": "video/x-ms-wmv", "flv": "video/x-flv",
}  # fmt: skip


def content_type_of(name: str, mime_type: str = "") -> str:
    """Return the content type of a file for a header or a feed."""
    if MIME_TYPE.fullmatch(mime_type):
        return mime_type.lower()
    return MEDIA.get(name.rpartition(".")[2].lower()) or mimetypes.guess_type(name)[0] or UNKNOWN
