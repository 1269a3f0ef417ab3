"""The quiet line of facts below what happened, and what sentences are made from."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, npgettext

from localization.formats import day, enumerated, file_size, long_duration, month_and_day, number, sentences
from torrents.formatting import display_name
from torrents.reason_text import reason_words
from torrents.saving_text import saving_trouble
from torrents.states import is_incomplete

from . import channel_names
from .events import Kind
from .models import Notification
from .trouble_text import speaker, trouble_words

MAX_REASON = 200  # characters


def facts(note: Notification) -> str:
    """Return the quiet line as plain text; "" if there is nothing to add."""
    make = FACTS.get(note.kind)
    return make(note) if make else ""


def moment_of(note: Notification, key: str) -> datetime | None:
    """Return a moment of its parameters."""
    value = note.params.get(key)
    found = parse_datetime(value) if isinstance(value, str) else None
    return found if found and timezone.is_aware(found) else None


def count_of(note: Notification, key: str) -> int:
    """Return a number of its parameters; 0 if there is none."""
    value = note.params.get(key)
    return value if isinstance(value, int) else 0


def channel_name(note: Notification) -> str:
    """Return the name that its channel goes by."""
    return channel_names.channel_name(note.channel) if note.channel else note.name or _("A channel")


def summary_counts(note: Notification) -> str:
    """Return what a summary counts: “12 torrents added, 3 expiring”. The first has the noun for all."""
    counts = [(key, count) for key in COUNTED if (count := count_of(note, key))]
    if not counts:
        return _("Nothing new")
    return enumerated([COUNTED[key](count, not index) for index, (key, count) in enumerate(counts)])


def _content(note: Notification) -> str:
    """Return how many files it has, and their size."""
    if not (torrent := note.torrent):
        return ""
    count = torrent.file_count
    files = ngettext("%(count)s file", "%(count)s files", count) % {"count": number(count)} if count else ""
    size = file_size(torrent.size) if torrent.size else ""
    return " · ".join(filter(None, [files, size]))


def _saved(note: Notification) -> str:
    """Return how many files were saved, and their size, and what went wrong with an archive."""
    count, size = count_of(note, "files"), count_of(note, "size")
    files = ngettext("%(count)s file", "%(count)s files", count) % {"count": number(count)} if count else ""
    content = " · ".join(filter(None, [files, file_size(size) if size else ""]))
    return saving_trouble(note.code, note.params) or content


def _not_saved(note: Notification) -> str:
    return saving_trouble(note.code, note.params, note.upstream_detail)


def _failed(note: Notification) -> str:
    if detail := display_name(note.upstream_detail, MAX_REASON):
        # Translators: what TorBox said about a torrent, word for word.
        return _("TorBox: “%(detail)s”") % {"detail": detail}
    return reason_words(note.code, note.params, "", MAX_REASON)


def _stalled(note: Notification) -> str:
    if note.torrent and is_incomplete(note.torrent.raw_state):
        return _("Too few seeds to finish. TorBox continues when there are more.")
    since = moment_of(note, "since")
    if since is None:
        return _("TorBox keeps trying.")
    # Translators: %(time)s is such as “6 hours”.
    words = _("No seeds for %(time)s. TorBox keeps trying.")
    return words % {"time": long_duration((note.at - since).total_seconds())}


def _expiring(note: Notification) -> str:
    if note.resolved_at:
        return ""
    last = moment_of(note, "last_download")
    if last is None:
        return _("TorBox removes torrents 30 days after their last download.")
    local = timezone.localtime(last)
    when = month_and_day(local.date()) if local.year == timezone.localtime().year else day(last)
    # Translators: a day such as “November 1”.
    return _("It hasn’t been downloaded since %(day)s.") % {"day": when}


def _gone(note: Notification) -> str:
    return _("TorBox no longer lists it.")


def _link(note: Notification) -> str:
    path = note.params.get("path")
    return display_name(path.rsplit("/", 1)[-1]) if isinstance(path, str) and note.code == "file" else ""


def _waiting(note: Notification) -> str:
    reason = note.params.get("reason")
    return reason_words(reason) if isinstance(reason, str) and not note.resolved_at else ""


def _key(note: Notification) -> str:
    if note.resolved_at or not (count := count_of(note, "waiting")):
        return ""
    words = ngettext(
        "%(count)s torrent is waiting to be sent.", "%(count)s torrents are waiting to be sent.", count
    )
    return words % {"count": number(count)}


def _plan(note: Notification) -> str:
    if note.resolved_at:
        return ""
    at = moment_of(note, "at")
    # Translators: a day such as “Mar 3”.
    ends = _("TorBox has it paid until %(day)s.") % {"day": day(at)} if at else ""
    return sentences([ends, _("If it renews by itself, there’s nothing to do.")])


def _channel(note: Notification) -> str:
    trouble = note.params.get("trouble")
    if not isinstance(trouble, str):
        return ""
    return trouble_words(trouble, note.upstream_detail, speaker(note.channel.kind) if note.channel else "")


def _summary(note: Notification) -> str:
    days = count_of(note, "days")
    if days == 1:
        return _("Your summary of the last day")
    return ngettext(
        "Your summary of the last %(count)s day", "Your summary of the last %(count)s days", days
    ) % {"count": number(days)}


FACTS: dict[str, Callable[[Notification], str]] = {
    Kind.READY: _content,
    Kind.FAILED: _failed,
    Kind.SAVED: _saved,
    Kind.NOT_SAVED: _not_saved,
    Kind.STALLED: _stalled,
    Kind.EXPIRING: _expiring,
    Kind.GONE: _gone,
    Kind.ADDED: _content,
    Kind.LINK: _link,
    Kind.LINK_USED: _link,
    Kind.WAITING: _waiting,
    Kind.KEY_REJECTED: _key,
    Kind.KEY_UNREADABLE: _key,
    Kind.PLAN: _plan,
    Kind.CHANNEL: _channel,
    Kind.SUMMARY: _summary,
}


def _added(count: int, first: bool) -> str:
    if first:
        words = ngettext("%(count)s torrent added", "%(count)s torrents added", count)
    else:
        words = ngettext("%(count)s added", "%(count)s added", count)
    return words % {"count": number(count)}


def _ready(count: int, first: bool) -> str:
    if first:
        words = ngettext("%(count)s torrent ready", "%(count)s torrents ready", count)
    else:
        words = ngettext("%(count)s ready", "%(count)s ready", count)
    return words % {"count": number(count)}


def _failing(count: int, first: bool) -> str:
    if first:
        words = ngettext("%(count)s torrent failed", "%(count)s torrents failed", count)
    else:
        words = npgettext("torrents", "%(count)s failed", "%(count)s failed", count)
    return words % {"count": number(count)}


def _expires(count: int, first: bool) -> str:
    if first:
        words = ngettext("%(count)s torrent expiring", "%(count)s torrents expiring", count)
    else:
        words = ngettext("%(count)s expiring", "%(count)s expiring", count)
    return words % {"count": number(count)}


# The parts of a summary, by their parameter, in the order that they stand in.
COUNTED: dict[str, Callable[[int, bool], str]] = {
    "added": _added,
    "ready": _ready,
    "failed": _failing,
    "expiring": _expires,
}
