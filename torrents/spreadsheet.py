"""The activity as CSV, a row at a time, for spreadsheets that take a cell for a formula where they can."""

from __future__ import annotations

import csv
from collections.abc import Iterator

from django.utils import timezone

from .formatting import display_name
from .models import Activity, ActivityQuerySet

HEAD = ("time", "what", "person", "torrent", "info hash", "TorBox account", "detail")
COLUMNS = (
    "at", "kind", "person__shown_name", "person__username", "name", "torrent__info_hash", "account__label", "detail",
)  # fmt: skip
MOST = 500
STARTS_A_FORMULA = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")


class Echo:
    """A file that gives back what is written to it."""

    def write(self, row: str) -> str:
        return row


def as_csv(entries: ActivityQuerySet) -> Iterator[str]:
    """Line by line, so that a year of it costs no memory."""
    writer = csv.writer(Echo())
    yield writer.writerow(HEAD)
    for at, kind, shown_name, username, *cells in entries.values_list(*COLUMNS).iterator(chunk_size=2000):
        when = timezone.localtime(at).isoformat(timespec="seconds")
        texts = (Activity.Kind(kind).label, shown_name or username, *cells)
        yield writer.writerow([when, *(harmless(text or "") for text in texts)])


def harmless(cell: str) -> str:
    """Text that stays text: what would be read as a formula gets an apostrophe before it."""
    plain = cell.isprintable() and len(cell) <= MOST  # nearly every cell is, and cleaning takes its time
    text = cell.strip() if plain else display_name(cell, MOST)
    return f"'{text}" if text.startswith(STARTS_A_FORMULA) else text
