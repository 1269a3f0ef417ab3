"""The torrents that a program names by their info hashes."""

from __future__ import annotations

from torrents.models import TorrentQuerySet

ALL = "all"
MAX_HASHES = 5000


def named(rows: TorrentQuerySet, text: str) -> TorrentQuerySet:
    """Return those of `rows` with these hashes, separated by `|`, or all of them for `all`. Others are ignored."""
    if text.strip().lower() == ALL:
        return rows
    return rows.filter(info_hash__in=split(text))


def split(text: str) -> list[str]:
    """Return hashes separated by `|` as we store them."""
    return [one.strip().lower() for one in text.split("|", MAX_HASHES)[:MAX_HASHES] if one.strip()]
