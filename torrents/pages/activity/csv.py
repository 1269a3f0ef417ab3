"""The activity as CSV, one row at a time. No cell is a formula, whatever spreadsheet opens it."""

from __future__ import annotations

import csv
import unicodedata
from collections.abc import Iterator
from datetime import tzinfo

from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from torrents.formatting import display_name
from torrents.models import ActivityQuerySet

from .event_words import EVENTS
from .lines import detail

HEAD = (
    _("Time"), _("Event"), _("Person"), _("Torrent"), _("Info hash"), _("TorBox account"), _("Details"),
)  # fmt: skip
COLUMNS = (
    "at", "kind", "person__shown_name", "person__username", "name", "torrent__info_hash", "account__label",
    "code", "params", "upstream_detail",
)  # fmt: skip
MOST = 500
BYTE_ORDER_MARK = "\ufeff"
STARTS_A_FORMULA = ("=", "+", "-", "@")


class Echo:
    """A file that returns what is written to it."""

    def write(self, row: str) -> str:
        return row


def as_csv(entries: ActivityQuerySet) -> Iterator[str]:
    """Return the CSV line by line, which takes no memory. Excel recognizes UTF-8 by the mark at the start."""
    return _rows(entries, translation.get_language() or "", timezone.get_current_timezone())


def _rows(entries: ActivityQuerySet, language: str, zone: tzinfo) -> Iterator[str]:
    """Yield rows in a language and time zone that may not be active any more when they are sent."""
    writer = csv.writer(Echo())
    with translation.override(language):
        head = writer.writerow(map(str, HEAD))
    yield BYTE_ORDER_MARK + head
    for at, kind, shown_name, username, name, info_hash, label, *said in entries.values_list(
        *COLUMNS
    ).iterator(chunk_size=2000):
        when = timezone.localtime(at, zone).isoformat(timespec="seconds")
        with translation.override(language):
            what, details = str(EVENTS[kind].label), detail(kind, *said)
        texts = (what, shown_name or username, name, info_hash, label, details)
        yield writer.writerow([when, *(harmless(text or "") for text in texts)])


def harmless(cell: str) -> str:
    """Put an apostrophe before text that a spreadsheet would read as a formula."""
    plain = cell.isprintable() and len(cell) <= MOST  # Nearly every cell is, and cleaning takes time.
    text = cell.strip() if plain else display_name(cell, MOST)
    begins = unicodedata.normalize("NFKC", text[:1])  # fullwidth and small forms count too
    return f"'{text}" if begins.startswith(STARTS_A_FORMULA) else text
