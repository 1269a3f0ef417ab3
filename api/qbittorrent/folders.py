"""Where folders are, as programs see them: from the root of this server on."""

from __future__ import annotations

from django.conf import settings

NOWHERE = "/torbox"  # without SAVE_DIR and MEDIA_PATH


def default_save_path() -> str:
    """Return where torrents are that aren't saved to another folder."""
    if settings.SAVE_DIR is not None:
        return str(settings.SAVE_DIR)
    return settings.MEDIA_PATH or NOWHERE


def on_disk(path: str) -> str:
    """Return where a path below SAVE_DIR is."""
    return joined(str(settings.SAVE_DIR or ""), path)


def joined(folder: str, name: str) -> str:
    """Join two paths with one slash."""
    return f"{folder.rstrip('/')}/{name}" if name else folder
