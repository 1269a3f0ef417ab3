"""Rename torrents at TorBox: one, or many by find-and-replace. Their files keep their names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from accounts.models import User
from torbox.sanitize import NAME_LIMIT, is_blank, plain_text
from torrents.models import Batch, EditRequest, Torrent
from torrents.operations import RENAME

from . import editing


class Renamed(NamedTuple):
    """A torrent with its name before and after."""

    torrent: Torrent
    before: str
    after: str


def rename(*, person: User, names: Mapping[int, str]) -> Batch | None:
    """Give torrents new names, by their keys, and return the batch, or None if nothing changes.

    Blank names change nothing.
    """

    def edit(row: Torrent) -> EditRequest | None:
        name = plain_text(names[row.pk], NAME_LIMIT)
        return None if is_blank(name) else EditRequest(torrent=row, name=name)

    return editing.record(person=person, torrents=names, operation=RENAME, edit=edit)


def preview(torrents: Sequence[Torrent], find: str, replace: str) -> list[Renamed]:
    """Return the torrents whose names change if `find` is replaced, as plain text in the same case, by `replace`."""
    if not find:
        return []
    found = [
        Renamed(row, row.name, plain_text(row.name.replace(find, replace), NAME_LIMIT))
        for row in torrents
        if find in row.name
    ]
    return [one for one in found if one.after != one.before and not is_blank(one.after)]
