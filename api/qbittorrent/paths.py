"""Where programs find the files of torrents: `save_path` and `content_path`.

*arr imports a complete torrent if its `content_path` is there and isn't its `save_path`. So it is the saved file or folder
itself, by its name on disk; without a copy, that in the mount at MEDIA_PATH, by TorBox's names. If there is neither, it is
`save_path`, and *arr says that it can't import.
"""

from __future__ import annotations

from django.conf import settings

from torrents.states import Status

from .copies import Copy
from .folders import default_save_path, joined
from .rows import Row
from .states import Saving


def paths_of(row: Row, copy: Copy, destination: str | None) -> tuple[str, str]:
    """Return `save_path` and `content_path`. `destination`: the folder that it will be saved to."""
    if copy.saving is not Saving.NONE:
        return copy.folder, copy.content or copy.folder
    if destination is not None and not (settings.MEDIA_PATH and row.status == Status.READY):
        return destination, destination
    if not settings.MEDIA_PATH:
        return default_save_path(), default_save_path()
    content = name_in_mount(row)
    return settings.MEDIA_PATH, joined(settings.MEDIA_PATH, content) if content else settings.MEDIA_PATH


def name_in_mount(row: Row) -> str:
    """Return the path of a torrent's single file, or the name of its folder, in TorBox's names; "" if not known yet."""
    if not row.first_path:
        return ""
    root, slash, _ = row.first_path.partition("/")
    found = row.first_path if row.file_count == 1 else root if slash else row.name
    return "" if _leads_elsewhere(found) else found


def name_of_file(path: str) -> str:
    """Return the name of a file that isn't saved here: TorBox's path. Programs open what they are told."""
    return "_" if _leads_elsewhere(path) else path


def _leads_elsewhere(path: str) -> bool:
    return not {"", ".", ".."}.isdisjoint(path.split("/"))
