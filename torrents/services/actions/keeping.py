"""Keep torrents forever: TorBox's AirLock exempts them from removal (docs/torbox-api.md#airlock)."""

from __future__ import annotations

from collections.abc import Sequence

from accounts.models import User
from torrents.models import Batch, EditRequest, Torrent
from torrents.operations import KEEP, UNKEEP

from . import editing


def keep(*, person: User, torrents: Sequence[Torrent], kept: bool) -> Batch | None:
    """Keep torrents forever, or no longer, and return the batch, or None if nothing changes.

    TorBox may refuse it, because AirLock is full or not part of the plan.
    """

    def edit(row: Torrent) -> EditRequest:
        return EditRequest(torrent=row, airlocked=kept)

    operation = KEEP if kept else UNKEEP
    return editing.record(
        person=person, torrents=[row.pk for row in torrents], operation=operation, edit=edit
    )
