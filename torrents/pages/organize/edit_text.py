"""Sentences about edits that a person just made. TorBox gets them later."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, ngettext_lazy

from accounts.http import MemberRequest
from localization.formats import number
from torrents.formatting import name_in_text
from torrents.models import Batch, RequestState

from .tag_choices import TagChange

MAX_BATCHES = 20
RENAMED: Any = ngettext_lazy("Renamed %(count)s torrent.", "Renamed %(count)s torrents.", "number")
KEPT: Any = ngettext_lazy("Keeping %(count)s torrent.", "Keeping %(count)s torrents.", "number")
NOT_KEPT: Any = ngettext_lazy(
    "No longer keeping %(count)s torrent.", "No longer keeping %(count)s torrents.", "number"
)
UNDONE: Any = ngettext_lazy(
    "Undid the change of %(count)s torrent.", "Undid the change of %(count)s torrents.", "number"
)


def announce(request: MemberRequest, batch: Batch | None, sentence: str, earlier: Sequence[int] = ()) -> None:
    """Say what was done, with a way to undo it and the `earlier` batches. If nothing changed, nothing is said."""
    if batch and edited(batch):
        messages.success(request, sentence, extra_tags=undo_url(*earlier, batch.pk))


def edited(batch: Batch | None) -> int:
    """Return how many torrents a batch changes. The others failed at once, and a summary says why."""
    return batch.edits.exclude(state=RequestState.FAILED).count() if batch else 0


def undo_url(*batches: int) -> str:
    """Return the URL that undoes the edits of these batches, the earliest first."""
    return f"{reverse('torrents:undo_edit')}?{urlencode({'batch': batches}, doseq=True)}"


def batch_ids(texts: Sequence[str]) -> list[int]:
    """Return the ids of batches in a query or a form, at most MAX_BATCHES of the latest."""
    known = [text for text in texts if text.isascii() and text.isdecimal() and len(text) < 19]
    return list(map(int, known[-MAX_BATCHES:]))


def counted(words: Any, count: int) -> str:
    """Return a sentence with a number of torrents."""
    return str(words % {"number": count, "count": number(count)})


def tagged(change: TagChange, count: int, earlier: Sequence[int] = ()) -> str:
    """Return which tags `count` torrents got and lost, or after `earlier` changes, only that their tags changed."""
    if earlier or (change.add and change.remove):
        words = ngettext(
            "Changed the tags of %(count)s torrent.", "Changed the tags of %(count)s torrents.", count
        )
        return words % {"count": number(count)}
    if change.add:
        words = ngettext(
            "Added %(tags)s to %(count)s torrent.", "Added %(tags)s to %(count)s torrents.", count
        )
        return words % {"tags": _quoted(change.add), "count": number(count)}
    words = ngettext(
        "Removed %(tags)s from %(count)s torrent.", "Removed %(tags)s from %(count)s torrents.", count
    )
    return words % {"tags": _quoted(change.remove), "count": number(count)}


def _quoted(tags: Sequence[str]) -> str:
    """Return one tag in quotation marks, or the number of several."""
    if len(tags) == 1:
        # Translators: a tag in quotation marks, for the sentence “Added “Films” to 2 torrents.”
        return _("“%(tag)s”") % {"tag": name_in_text(tags[0])}
    # Translators: for the sentence “Added 2 tags to 3 torrents.”
    return ngettext("%(count)s tag", "%(count)s tags", len(tags)) % {"count": number(len(tags))}
