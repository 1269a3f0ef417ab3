"""Where the files of a torrent are in its folder: safe paths that lead back to them."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from links.target_paths import unique_paths
from torrents.models import TorrentFile

from .names import NOT_IN_XML


class FileRow(NamedTuple):
    """What is read of a file."""

    pk: int
    path: str
    remote_id: int
    size: int
    mime_type: str


def layout(torrent_pk: int, files_digest: str) -> dict[str, FileRow]:
    """Return the files of a torrent by their safe paths in its folder, in order. The digest changes when they do."""
    return _known_layout(torrent_pk, files_digest) if files_digest else _layout(torrent_pk)


@lru_cache(maxsize=16)
def _known_layout(torrent_pk: int, _files_digest: str) -> dict[str, FileRow]:
    return _layout(torrent_pk)


def _layout(torrent_pk: int) -> dict[str, FileRow]:
    rows = TorrentFile.objects.filter(torrent=torrent_pk).exclude(path="").order_by("path", "remote_id")
    files = list(map(FileRow._make, rows.values_list(*FileRow._fields)))
    paths = unique_paths(_below_root([file.path for file in files]))
    return {NOT_IN_XML.sub("_", path): file for path, file in zip(paths, files, strict=True)}


def _below_root(paths: list[str]) -> list[str]:
    """Leave out the folder that all paths begin with: that of the torrent stands for it."""
    roots = {path.partition("/")[0] for path in paths if "/" in path.strip("/")}
    is_rooted = len(roots) == 1 and all("/" in path for path in paths)
    return [path.partition("/")[2] or path for path in paths] if is_rooted else paths
