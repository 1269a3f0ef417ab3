"""The activity as CSV, a row at a time, for spreadsheets that take a cell for a formula where they can."""

from __future__ import annotations

import csv
from collections.abc import Iterator

from django.utils import timezone

from .formatting import display_name
from .models import ActivityQuerySet

HEAD = ("time", "what", "person", "torrent", "info hash", "TorBox account", "detail")
STARTS_A_FORMULA = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")


class Echo:
    """A file that gives back what is written to it."""

    def write(self, row: str) -> str:
        return row


def as_csv(entries: ActivityQuerySet) -> Iterator[str]:
    """Line by line, so that a year of it costs no memory."""
    writer = csv.writer(Echo())
    yield writer.writerow(HEAD)
    found = entries.select_related("person", "account", "torrent").only(
        "at",
        "kind",
        "name",
        "detail",
        "person__username",
        "person__shown_name",
        "account__label",
        "torrent__info_hash",
    )
    for entry in found.iterator(chunk_size=1000):
        cells = (
            timezone.localtime(entry.at).isoformat(timespec="seconds"),
            entry.get_kind_display(),
            entry.person.display_name if entry.person else "",
            entry.name,
            entry.torrent.info_hash if entry.torrent else "",
            entry.account.label,
            entry.detail,
        )
        yield writer.writerow([harmless(cell) for cell in cells])


def harmless(cell: str) -> str:
    """Text that stays text: what would be read as a formula gets an apostrophe before it."""
    text = display_name(cell, 500)
    return f"'{text}" if text.startswith(STARTS_A_FORMULA) else text
