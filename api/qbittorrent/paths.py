"""Where programs find the files of a torrent: `save_path` and `content_path`."""

from __future__ import annotations

from django.conf import settings

from saving.models import Folder

NOWHERE = "/torbox"  # without SAVE_DIR and MEDIA_PATH


def default_save_path() -> str:
    """Return the folder of torrents that aren't saved to another one, as programs see it."""
    if settings.SAVE_DIR is not None:
        return str(settings.SAVE_DIR)
    return settings.MEDIA_PATH or NOWHERE


def path_of(folder: Folder) -> str:
    """Return the path of a folder, as we see it."""
    return "/".join(filter(None, [str(settings.SAVE_DIR), folder.path]))
