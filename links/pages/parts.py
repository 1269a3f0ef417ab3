"""What a share link can lead to: all files of a torrent, one of its folders, or one file."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from functools import cached_property
from typing import NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from localization.formats import file_size, number
from torrents.folding import path_key
from torrents.formatting import display_name
from torrents.models import Torrent

from ..models import LastingLink

Part = LastingLink.Part
MAX_OFFERED = 300  # folders and files
MAX_LABEL = 100  # characters
ALL = Part.ALL.value


class Where(NamedTuple):
    """A part of a torrent: all files, or the folder or file at `path`."""

    part: str = ALL
    path: str = ""

    @property
    def value(self) -> str:
        """Return its value in a form. A path may hold what a form would change, so its hash stands for it."""
        if self.part == ALL:
            return ALL
        path = self.path.encode("utf-8", "surrogatepass")
        return f"{self.part}-{hashlib.blake2b(path, digest_size=16).hexdigest()}"


Option = tuple[str, str]
Options = list[Option | tuple[str, list[Option]]]


class Parts:
    """The parts of a torrent. `chosen` is offered even if it isn't among the first, or is gone."""

    def __init__(self, torrent: Torrent, chosen: Where | None = None) -> None:
        self.torrent = torrent
        self.chosen = chosen or Where()

    @property
    def options(self) -> Options:
        """Return the options of a field. If there are more than MAX_OFFERED, the folders come first."""
        folders = [Where(Part.FOLDER, path) for path in self._folders]
        files = [Where(Part.FILE, path) for path in self._files] if len(self._files) > 1 else []
        offered = [*folders, *files][:MAX_OFFERED]
        if self.chosen.part != ALL and self.chosen not in offered:
            offered.append(self.chosen)
        groups = [
            (_("Folders"), [self._option(one) for one in offered if one.part == Part.FOLDER]),
            (_("Files"), [self._option(one) for one in offered if one.part == Part.FILE]),
        ]
        return [(ALL, self._all_label), *(group for group in groups if group[1])]

    def find(self, value: str) -> Where | None:
        """Return the part that a value of a form stands for, or None."""
        if value == ALL:
            return Where()
        return next((one for one in self._every if one.value == value), None)

    @property
    def _every(self) -> Iterator[Where]:
        yield self.chosen
        yield from (Where(Part.FOLDER, path) for path in self._folders)
        yield from (Where(Part.FILE, path) for path in self._files)

    @cached_property
    def _files(self) -> dict[str, int]:
        """Return the size of each file by its path, in the order of a file tree."""
        sizes = dict(self.torrent.files.order_by().values_list("path", "size"))
        return {path: sizes[path] for path in sorted(sizes, key=lambda path: (path_key(path), path))}

    @cached_property
    def _folders(self) -> dict[str, tuple[int, int]]:
        """Return the number and the size of the files in each folder below the one that holds them all."""
        found: dict[str, tuple[int, int]] = {}
        for path, size in self._files.items():
            names = path.split("/")[:-1]
            for depth in range(len(self._shared) + 1, len(names) + 1):
                folder = "/".join(names[:depth])
                count, total = found.get(folder, (0, 0))
                found[folder] = count + 1, total + size
        return found

    @cached_property
    def _shared(self) -> list[str]:
        """Return the names of the folders around all files."""
        folders = [path.split("/")[:-1] for path in self._files]
        first, last = (min(folders), max(folders)) if folders else ([], [])
        same = 0
        while same < min(len(first), len(last)) and first[same] == last[same]:
            same += 1
        return first[:same]

    @property
    def _all_label(self) -> str:
        if not self._files:
            return _("All files")
        words = ngettext("%(count)s file (%(size)s)", "All %(count)s files (%(size)s)", len(self._files))
        return words % {"count": number(len(self._files)), "size": file_size(sum(self._files.values()))}

    def _option(self, where: Where) -> Option:
        return where.value, self._label(where)

    def _label(self, where: Where) -> str:
        path = where.path.split("/")
        shared = len(self._shared) if path[: len(self._shared)] == self._shared else 0
        name = "/".join(path[shared:])
        name = display_name(name if len(name) <= MAX_LABEL else f"…/{path[-1]}", MAX_LABEL) or "…"
        if where.part == Part.FILE:
            return f"{name} ({file_size(self._files.get(where.path))})"
        count, size = self._folders.get(where.path, (0, 0))
        words = ngettext("%(name)s (%(count)s file, %(size)s)", "%(name)s (%(count)s files, %(size)s)", count)
        return words % {"name": name, "count": number(count), "size": file_size(size)}
