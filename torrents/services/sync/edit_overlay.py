"""Edits over TorBox's values: name, tags, and AirLock of a torrent as people want them.

Until TorBox has an edit, our rows show it all the same, and no list reverts it. Each edit is a difference, so that it
can be applied to whatever TorBox has by then.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

from django.db.models import Q

import torbox
from accounts.models import TorBoxAccount, User
from torrents.models import Activity, EditRequest, RequestState, Torrent
from torrents.models.listed import MAX_TEXTS
from torrents.models.tags import MAX_TAG

from .change_detection import LIST_CACHED, UNSETTLED, Reading

PIECE = 500
MAX_LASTING = 100  # edits of a torrent, the newest ones


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
        if row.airlocked != self.airlocked:
            row.airlocked = self.airlocked
            row.settle_removal()

    def as_json(self) -> dict[str, Any]:
        """Return the values for `EditRequest.before`."""
        return {"name": self.name, "tags": list(self.tags), "airlocked": self.airlocked}


def of_account(account: TorBoxAccount, reading: Reading) -> dict[int, list[EditRequest]]:
    """Return the edits that a reading may lack, in their order, by the torrent's key.

    TorBox may not have the open ones yet, and a list from its cache may lack what TorBox has had for some minutes.
    Lasting ones are never in a reading.
    """
    missing = Q(state__in=UNSETTLED) | EditRequest.LASTING
    if not reading.past_cache:
        missing |= Q(state=RequestState.DONE, due_at__gt=reading.at - LIST_CACHED)
    edits: dict[int, list[EditRequest]] = defaultdict(list)
    for edit in EditRequest.objects.filter(missing, torrent__account=account).order_by("pk"):
        edits[edit.torrent_id].append(edit)
    return dict(edits)


def show_over(item: torbox.Torrent, row: Torrent, edits: Sequence[EditRequest]) -> None:
    """Show edits in a row that was just filled from `item`.

    Those that TorBox has are shown only if the item may be from before. Then the row is read again next time.
    """
    lacking = [edit for edit in edits if edit.state != RequestState.DONE]
    with_lacking = Editable.of(row).with_edits(lacking)
    show(row, [edit for edit in edits if edit in lacking or _may_lack(item, edit)])
    row.edit_pending = any(edit.state in UNSETTLED for edit in lacking)
    if Editable.of(row) != with_lacking:
        row.row_digest = ""


def _may_lack(item: torbox.Torrent, done: EditRequest) -> bool:
    return item.updated_at is None or item.updated_at <= done.due_at


def show(row: Torrent, edits: Sequence[EditRequest]) -> None:
    """Show edits in a row that has TorBox's values."""
    row.edit_pending = bool(edits)
    if edits:
        Editable.of(row).with_edits(edits).show_in(row)


def drop(row: Torrent, edits: dict[int, list[EditRequest]]) -> None:
    """Delete the edits of a deleted torrent that another app added again. They were made before its deletion."""
    row.edit_pending = False
    if edits.pop(row.pk, None):
        EditRequest.objects.filter(Q(state__in=UNSETTLED) | EditRequest.LASTING, torrent=row).delete()


def withdraw(rows: Sequence[Torrent], person: User) -> None:
    """Delete the edits of others than `person`, and take them out of the rows, which the caller writes."""
    by_key = {row.pk: row for row in rows}
    shown = EditRequest.objects.filter(Q(state__in=UNSETTLED) | EditRequest.LASTING, torrent__in=by_key)
    edits = shown.exclude(person=person)
    for edit in edits.order_by("-pk"):
        row = by_key[edit.torrent_id]
        Editable.of(row).with_edits([reverse_of(edit, row)]).show_in(row)
        row.edit_pending, row.row_digest = False, ""  # the next reading says what TorBox has
    edits.delete()


def settle_lasting(torrents: Collection[int], done: Iterable[EditRequest] = ()) -> None:
    """Keep only the last word on each tag in the lasting edits of torrents, and none on tags that TorBox has changed since.

    So programs that repeat themselves leave no more and more of them. `torrents`: their keys. `done`: what TorBox has.
    """
    said: dict[int, set[str]] = defaultdict(set)
    kept: Counter[int] = Counter()
    for edit in done:
        said[edit.torrent_id].update(edit.added_tags, edit.removed_tags)
    outdated = []
    lasting = EditRequest.objects.filter(EditRequest.LASTING, torrent__in=torrents) if torrents else ()
    for edit in sorted(lasting, key=lambda edit: edit.pk, reverse=True):
        newer, before = said[edit.torrent_id], (edit.added_tags, edit.removed_tags)
        edit.added_tags = [tag for tag in edit.added_tags if tag not in newer]
        edit.removed_tags = [tag for tag in edit.removed_tags if tag not in newer]
        edit.lasts = kept[edit.torrent_id] < MAX_LASTING and bool(edit.added_tags or edit.removed_tags)
        kept[edit.torrent_id] += edit.lasts
        newer.update(edit.added_tags, edit.removed_tags)
        if not edit.lasts or before != (edit.added_tags, edit.removed_tags):
            outdated.append(edit)
    EditRequest.objects.bulk_update(outdated, ["added_tags", "removed_tags", "lasts"], batch_size=PIECE)


def kind_of(edit: EditRequest) -> Activity.Kind:
    """Return the kind of the event for an edit."""
    if edit.name is not None:
        return Activity.Kind.RENAMED
    if edit.airlocked is not None:
        return Activity.Kind.KEPT if edit.airlocked else Activity.Kind.UNKEPT
    return Activity.Kind.TAGGED


def reverse_of(edit: EditRequest, row: Torrent) -> EditRequest:
    """Return an unsaved edit that undoes another one, as far as the row still shows it."""
    renamed = edit.name is not None and row.name == edit.name
    return EditRequest(
        torrent=row,
        name=edit.before["name"] if renamed else None,
        added_tags=[tag for tag in edit.removed_tags if tag not in row.tags],
        removed_tags=[tag for tag in edit.added_tags if tag in row.tags],
        airlocked=edit.before["airlocked"] if row.airlocked == edit.airlocked else None,
    )


def changes(edit: EditRequest, row: Torrent) -> bool:
    """Return whether an edit would change the row."""
    return Editable.of(row).with_edits([edit]) != Editable.of(row)


def _changed(tags: Sequence[str], added: Sequence[str], removed: Sequence[str]) -> tuple[str, ...]:
    """Return tags with some removed and others added at the end. Ours are cut at MAX_TAG characters."""
    kept = [tag for tag in tags if tag[:MAX_TAG] not in removed]
    known = {tag[:MAX_TAG] for tag in kept}
    return (*kept, *(tag for tag in added if tag not in known))
