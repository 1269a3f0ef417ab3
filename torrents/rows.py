"""Rows of the list: what each one says, and its markup.

Live updates carry whole pages, and most of their rows are as they were. So a row is first worked out as words, and the
markup for these words is kept: the same words give the same markup, and none of it can be outdated.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Self

from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from . import menus, presenting, routes
from .formatting import Moment, display_name, exact_bytes, file_size, moment
from .models import Torrent

KEPT = 1000  # rows of each process, about 3,500 characters each


@dataclass(frozen=True, slots=True)
class Row:
    """All that a row shows; its template gets nothing else."""

    pk: str
    name: str
    facts: str
    tone: str
    status: str
    note: str
    bar: presenting.Bar | None
    busy: bool
    bytes: str
    size: str
    exact_size: str
    added: Moment | None
    url: str
    files_url: str
    files_version: str
    download_url: str
    actions: tuple[menus.Action, ...]

    @classmethod
    def of(cls, torrent: Torrent, *, account_shown: bool = False) -> Self:
        facts = torrent.quiet_line
        return cls(
            pk=str(torrent.pk),
            name=display_name(torrent.name or torrent.info_hash),
            facts=f"{facts} · {display_name(torrent.account.label)}" if account_shown else facts,
            tone=torrent.tone,
            status=str(torrent.status_label),
            note=torrent.note,
            bar=torrent.bar,
            busy=bool(torrent.pending),
            bytes=str(torrent.size or 0),
            size=file_size(torrent.size),
            exact_size=exact_bytes(torrent.size),
            added=moment(torrent.added_at),
            url=torrent.get_absolute_url(),
            files_url=routes.of_torrent("files", torrent.pk),
            files_version=torrent.files_version,
            download_url=torrent.download_url,
            actions=torrent.actions,
        )

    @property
    def markup(self) -> SafeString:
        return _markup(self)


@lru_cache(maxsize=KEPT)
def _markup(row: Row) -> SafeString:
    return render_to_string("torrents/_row.html", {"row": row})
