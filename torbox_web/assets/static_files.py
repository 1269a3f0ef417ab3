"""Serve only the collected files of STATIC_ROOT."""

from __future__ import annotations

import os
import re
from pathlib import Path

from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import staticfiles_storage
from whitenoise.middleware import WhiteNoiseMiddleware

HASH = re.compile(r"\.[0-9a-f]{12}(?=\.\w+$)")
COMPRESSED = re.compile(r"\.(gz|br)$")


class CollectedFilesMiddleware(WhiteNoiseMiddleware):  # type: ignore[misc]
    """WhiteNoise, except that it doesn't serve dotfiles, symbolic links, and files that weren't collected.

    Otherwise a STATIC_ROOT that holds other files would publish them.
    """

    def add_files(self, root: str, prefix: str | None = None) -> None:
        """Add the files of STATIC_ROOT, except under DEBUG, where the finders serve the sources."""
        if not self.autorefresh:
            super().add_files(root, prefix)

    def update_files_dictionary(self, root: str, prefix: str) -> None:
        names = collected_names()
        found = {path: Path(path).stat() for path in plain_files(root) if _name(path, root) in names}
        for path in found:
            self.add_file_to_dictionary(prefix + path[len(root) :], path, stat_cache=found)


def collected_names() -> set[str]:
    """Return the names of collected files without their hashes, such as `css/app.css`."""
    hashed: dict[str, str] | None = getattr(staticfiles_storage, "hashed_files", None)
    if hashed is not None:
        return set(hashed)
    return {path for finder in finders.get_finders() for path, _ in finder.list(None)}


def plain_files(root: str) -> list[str]:
    """Return the paths of all files below `root`, without symbolic links and files reached through them."""
    paths = (Path(folder, file) for folder, _, files in os.walk(root) for file in files)
    return [str(path) for path in paths if not path.is_symlink()]


def _name(path: str, root: str) -> str:
    """Return the name without hash and compression. Files of earlier versions share it, and open pages need them."""
    return HASH.sub("", COMPRESSED.sub("", path[len(root) :]))
