"""What a lasting link leads to: files of one torrent, or media of many."""

from __future__ import annotations

from dataclasses import dataclass

from torrents.media import media_kind
from torrents.models import Torrent

from .opening import Opened

MAX_MEDIA = 2_000  # entries of a playlist or feed


@dataclass(frozen=True)
class LinkFile:
    """A file behind a link. `ref` names it in addresses, `remote_id` is TorBox's id, and `size` is in bytes.

    Without a path, it is the zip of all files, whose size is unknown (None).
    """

    torrent: Torrent
    ref: str
    path: str = ""
    remote_id: int | None = None
    size: int | None = None
    mime_type: str = ""

    @property
    def is_zip(self) -> bool:
        return not self.path

    @property
    def name(self) -> str:
        return self.path.rsplit("/", 1)[-1] or f"{self.torrent}.zip"

    @property
    def media(self) -> str:
        """Return "video", "audio", or ""."""
        return media_kind(self.name, self.mime_type) if self.path else ""


def files_of(opened: Opened) -> list[LinkFile]:
    """Return the files of a link to a torrent, in the order of a file tree. Empty for lists of media."""
    raise NotImplementedError


def find_file(opened: Opened, ref: str) -> LinkFile:
    """Return the file that `ref` names. Raises `NoSuchItem`, also for a torrent that the maker no longer sees."""
    raise NotImplementedError


def main_item(opened: Opened) -> LinkFile:
    """Return what `/l/<token>/<name>` leads to: the only file, or the zip of the whole torrent.

    Raises `NoSuchItem` for a folder with several files, which TorBox makes no zip of, and for lists of media.
    """
    raise NotImplementedError


def media_of(opened: Opened, most: int = MAX_MEDIA) -> list[LinkFile]:
    """Return the video and audio files of a link: those of its torrent in order, or of a list the newest first.

    A list has those of ready torrents that its maker sees now.
    """
    raise NotImplementedError


def media_near(opened: Opened, file: LinkFile) -> list[LinkFile]:
    """Return the subtitle files that belong to a video: beside it or in a folder for them, with the same beginning."""
    raise NotImplementedError
