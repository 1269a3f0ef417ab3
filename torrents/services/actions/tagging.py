"""Tag torrents. TorBox stores the tags, so other apps see them too."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from accounts.models import User
from torbox.sanitize import is_blank, plain_text
from torrents.models import Batch, EditRequest, Torrent
from torrents.models.tags import MAX_TAG
from torrents.operations import TAG

from . import editing

MAX_TYPED = 20  # tags at once
COMMAS = re.compile("[,،，]")  # as keyboards for English, Arabic, and Chinese have them


def tag(
    *,
    person: User,
    torrents: Sequence[Torrent],
    add: Sequence[str] = (),
    remove: Sequence[str] = (),
    lasts: bool = False,
) -> Batch | None:
    """Add and remove tags, and return the batch, or None if nothing changes. A tag in both is removed.

    `lasts`: the change shows here even if TorBox refuses it.
    """
    edit = edit_for(add, remove, lasts=lasts)
    return editing.record(person=person, torrents=[row.pk for row in torrents], operation=TAG, edit=edit)


def edit_for(add: Iterable[str], remove: Iterable[str] = (), *, lasts: bool = False) -> editing.Edit:
    """Return what makes the edit of a row that adds and removes tags."""
    removed = _cleaned(remove)
    added = [one for one in _cleaned(add) if one not in removed]

    def edit(row: Torrent) -> EditRequest:
        return EditRequest(
            torrent=row,
            added_tags=[one for one in added if one not in row.tags],
            removed_tags=[one for one in removed if one in row.tags],
            lasts=lasts,
        )

    return edit


def clean(text: str) -> list[str]:
    """Return the tags in a text, which are separated by commas: at most MAX_TYPED, each of at most MAX_TAG characters."""
    return _cleaned(COMMAS.split(text))[:MAX_TYPED]


def _cleaned(tags: Iterable[str]) -> list[str]:
    texts = (plain_text(one, MAX_TAG) for one in tags)
    return list(dict.fromkeys(text for text in texts if not is_blank(text)))
