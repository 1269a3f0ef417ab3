"""What edits change: the name, the tags, and AirLock of a torrent, as people want them over what TorBox has.

Until TorBox has an edit, our rows show it all the same, and no list may revert it. Each edit is a difference, so that it
can be applied to whatever TorBox has by then.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

import torbox
from accounts.models import TorBoxAccount
from torrents.models import EditRequest, Torrent
from torrents.models.listed import MAX_TEXTS
from torrents.models.tags import MAX_TAG

from .change_detection import UNSETTLED


@dataclass(frozen=True)
class Editable:
    """What an edit can change."""

    name: str
    tags: tuple[str, ...]
    airlocked: bool

    @classmethod
    def of(cls, it: Torrent | torbox.Torrent) -> Self:
        """Return these values of a row, or of TorBox's."""
        return cls(it.name, tuple(it.tags), it.airlocked)

    def with_edits(self, edits: Iterable[EditRequest]) -> Self:
        """Return the values after edits, in their order."""
        values = self
        for edit in edits:
            values = replace(
                values,
                name=values.name if edit.name is None else edit.name,
                tags=_changed(values.tags, edit.added_tags, edit.removed_tags),
                airlocked=values.airlocked if edit.airlocked is None else edit.airlocked,
            )
        return values

    def show_in(self, row: Torrent) -> None:
        """Set the columns of a row."""
        if row.name != self.name:
            row.set_name(self.name)
        row.tags = [tag[:MAX_TAG] for tag in self.tags[:MAX_TEXTS]]
        row.airlocked = self.airlocked

    def as_json(self) -> dict[str, Any]:
        """Return the values for `EditRequest.before`."""
        return {"name": self.name, "tags": list(self.tags), "airlocked": self.airlocked}


def unsettled(account: TorBoxAccount) -> dict[int, list[EditRequest]]:
    """Return the edits that TorBox may not have yet, in their order, by the torrent's key."""
    edits: dict[int, list[EditRequest]] = defaultdict(list)
    for edit in EditRequest.objects.filter(torrent__account=account, state__in=UNSETTLED).order_by("pk"):
        edits[edit.torrent_id].append(edit)
    return dict(edits)


def show(row: Torrent, edits: Sequence[EditRequest]) -> None:
    """Show edits in a row that was just filled with TorBox's values."""
    row.edit_pending = bool(edits)
    if edits:
        Editable.of(row).with_edits(edits).show_in(row)


def reverse_of(edit: EditRequest, row: Torrent) -> EditRequest:
    """Return an unsaved edit that undoes another one, as far as the row still shows it."""
    before = edit.before
    return EditRequest(
        torrent=row,
        name=before.get("name") if edit.name is not None and row.name == edit.name else None,
        added_tags=[tag for tag in edit.removed_tags if tag not in row.tags],
        removed_tags=[tag for tag in edit.added_tags if tag in row.tags],
        airlocked=before.get("airlocked") if edit.airlocked == row.airlocked else None,
    )


def changes(edit: EditRequest, row: Torrent) -> bool:
    """Return whether an edit would change the row."""
    return Editable.of(row).with_edits([edit]) != Editable.of(row)


def _changed(tags: Sequence[str], added: Sequence[str], removed: Sequence[str]) -> tuple[str, ...]:
    """Return tags with some removed and others added at the end. Ours are cut at MAX_TAG characters."""
    kept = [tag for tag in tags if tag[:MAX_TAG] not in removed]
    known = {tag[:MAX_TAG] for tag in kept}
    return (*kept, *(tag for tag in added if tag not in known))
