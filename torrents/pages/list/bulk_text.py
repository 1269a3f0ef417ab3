"""Sentences about an operation on several torrents: that it was started, and how it ended."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext_lazy

from localization.formats import number, sentences
from torrents.formatting import name_in_text
from torrents.operations import DELETE, KEEP, RENAME, TAG, UNKEEP
from torrents.reason_text import COULD_NOT, reason_words
from torrents.reasons import Reason
from torrents.services.actions.batch_results import BatchResult, Failure

# By the key of the operation. `number` decides between the forms, and `count` is that number as people read it.
STARTED: dict[str, Any] = {
    "pause": ngettext_lazy("Pausing %(count)s torrent.", "Pausing %(count)s torrents.", "number"),
    "resume": ngettext_lazy("Resuming %(count)s torrent.", "Resuming %(count)s torrents.", "number"),
    "reannounce": ngettext_lazy(
        "Reannouncing %(count)s torrent.", "Reannouncing %(count)s torrents.", "number"
    ),
    "stop_seeding": ngettext_lazy(
        "Stopping seeding of %(count)s torrent.", "Stopping seeding of %(count)s torrents.", "number"
    ),
    "start": ngettext_lazy("Starting %(count)s torrent.", "Starting %(count)s torrents.", "number"),
    DELETE: ngettext_lazy("Deleted %(count)s torrent.", "Deleted %(count)s torrents.", "number"),
}
ENDED: dict[str, Any] = {
    "pause": ngettext_lazy("Paused %(count)s torrent.", "Paused %(count)s torrents.", "number"),
    "resume": ngettext_lazy("Resumed %(count)s torrent.", "Resumed %(count)s torrents.", "number"),
    "reannounce": ngettext_lazy(
        "Reannounced %(count)s torrent.", "Reannounced %(count)s torrents.", "number"
    ),
    "stop_seeding": ngettext_lazy(
        "Stopped seeding %(count)s torrent.", "Stopped seeding %(count)s torrents.", "number"
    ),
    "start": ngettext_lazy("Started %(count)s torrent.", "Started %(count)s torrents.", "number"),
}
ENDED_IN_PART: dict[str, Any] = {
    "pause": ngettext_lazy(
        "Paused %(done)s of %(count)s torrent.", "Paused %(done)s of %(count)s torrents.", "number"
    ),
    "resume": ngettext_lazy(
        "Resumed %(done)s of %(count)s torrent.", "Resumed %(done)s of %(count)s torrents.", "number"
    ),
    "reannounce": ngettext_lazy(
        "Reannounced %(done)s of %(count)s torrent.",
        "Reannounced %(done)s of %(count)s torrents.",
        "number",
    ),
    "stop_seeding": ngettext_lazy(
        "Stopped seeding %(done)s of %(count)s torrent.",
        "Stopped seeding %(done)s of %(count)s torrents.",
        "number",
    ),
    "start": ngettext_lazy(
        "Started %(done)s of %(count)s torrent.", "Started %(done)s of %(count)s torrents.", "number"
    ),
    DELETE: ngettext_lazy(
        "Deleted %(done)s of %(count)s torrent.", "Deleted %(done)s of %(count)s torrents.", "number"
    ),
    TAG: ngettext_lazy(
        "Changed the tags of %(done)s of %(count)s torrent.",
        "Changed the tags of %(done)s of %(count)s torrents.",
        "number",
    ),
    RENAME: ngettext_lazy(
        "Renamed %(done)s of %(count)s torrent.", "Renamed %(done)s of %(count)s torrents.", "number"
    ),
    KEEP: ngettext_lazy(
        "Kept %(done)s of %(count)s torrent.", "Kept %(done)s of %(count)s torrents.", "number"
    ),
    UNKEEP: ngettext_lazy(
        "Stopped keeping %(done)s of %(count)s torrent.",
        "Stopped keeping %(done)s of %(count)s torrents.",
        "number",
    ),
}


def started(operation: str, count: int) -> str:
    """Return that an operation on `count` torrents has begun. A deletion counts as done."""
    return str(STARTED[operation] % {"number": count, "count": number(count)})


def result_text(result: BatchResult) -> str:
    """Return how an operation ended, with the reasons of those that failed."""
    if result.total == result.failed == 1:
        (failure,) = result.failures
        if result.operation == KEEP and failure.reason == Reason.REFUSED and failure.upstream_detail:
            # Translators: TorBox refused to keep a torrent forever; followed by its own sentence.
            words = _("TorBox didn’t keep it: “%(detail)s”")
            return words % {"detail": name_in_text(failure.upstream_detail, 200)}
        words = reason_words(failure.reason, {}, failure.upstream_detail, 200)
        return str(COULD_NOT[result.operation]) % {"reason": words}
    if not result.failed:
        return str(ENDED[result.operation] % {"number": result.total, "count": number(result.total)})
    done = {"done": number(result.total - result.failed), "count": number(result.total)}
    sentence = str(ENDED_IN_PART[result.operation] % {"number": result.total, **done})
    return sentences([sentence, *map(_failure_text, result.failures)])


def _failure_text(failure: Failure) -> str:
    words = reason_words(failure.reason, {}, failure.upstream_detail, 120)
    # Translators: the number of torrents that failed, and why.
    return _("%(count)s failed: %(reason)s") % {"count": number(failure.count), "reason": words}
