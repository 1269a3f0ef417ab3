"""Where programs find the files of torrents: `save_path` and `content_path`.

*arr imports a complete torrent if its `content_path` is there and isn't its `save_path`. So it is the saved file or folder
itself, by its name on disk; without a copy, that in the mount at MEDIA_PATH, by TorBox's names. If there is neither, it is
`save_path`, and *arr says that it can't import.
"""

from __future__ import annotations

from django.conf import settings

from saving.models import Folder
from torrents.states import Status

from .copies import Copy
from .rows import Row
from .states import Saving

NOWHERE = "/torbox"  # without SAVE_DIR and MEDIA_PATH


def default_save_path() -> str:
    """Return where torrents are that aren't saved to another folder, as programs see it."""
    if settings.SAVE_DIR is not None:
        return str(settings.SAVE_DIR)
    return settings.MEDIA_PATH or NOWHERE


def path_of(folder: Folder) -> str:
    """Return the path of a folder, as we see it."""
    return on_disk(folder.path)


def on_disk(path: str) -> str:
    """Return a path below SAVE_DIR from the root on."""
    return joined(str(settings.SAVE_DIR or ""), path)


def paths_of(row: Row, copy: Copy, destination: str | None) -> tuple[str, str]:
    """Return `save_path` and `content_path`. `destination`: the folder below SAVE_DIR that it will be saved to."""
    if copy.saving != Saving.NONE:
        folder = on_disk(copy.folder)
        return folder, on_disk(copy.content) if copy.content else folder
    if destination is not None and not (settings.MEDIA_PATH and row.status == Status.READY):
        return (on_disk(destination),) * 2
    if not settings.MEDIA_PATH:
        return (default_save_path(),) * 2
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


def joined(folder: str, name: str) -> str:
    """Join two paths with one slash."""
    return f"{folder.rstrip('/')}/{name}" if name else folder
