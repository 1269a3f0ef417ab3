"""Rows of the list: what each of them shows, and its markup.

A live update is a whole page, and most of its rows haven't changed. So a row is made as words first, and the markup for
these words is cached. The same words in the same language have the same markup, so the cache can't be outdated.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import NamedTuple, Self
from urllib.parse import urlencode

from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from accounts.models import User
from localization import locales
from localization.formats import Moment, exact_bytes, file_size, moment, number
from torrents.formatting import display_name
from torrents.models import Torrent

from .. import url_cache
from . import row_text, saving_row

KEPT = 1000  # rows in each process, about 1,700 bytes each
SHOWN_TAGS = 3
Markup = bytes  # in UTF-8


class Tag(NamedTuple):
    """A tag of a row: a link to the torrents that have it."""

    label: str
    url: str


@dataclass(frozen=True, slots=True)
class Row:
    """Everything a row shows. Its template gets nothing else, and none of it is lazy: a lazy text could change."""

    pk: str
    name: str
    facts: SafeString
    tags: tuple[Tag, ...]
    more_tags: str
    tone: str
    status: str
    status_title: str
    note: str
    kept: bool
    keep_url: str
    bar: row_text.Bar | None
    busy: bool
    busy_title: str
    airlocked: bool
    speed: row_text.Speed | None  # None: without the column
    bytes: str
    size: str
    exact_size: str
    added: Moment | None
    url: str
    files_url: str
    files_version: str
    download_url: str
    menu_url: str
    saving: bool = False  # its status is that of saving it to disk
    controls: tuple[saving_row.Control, ...] | None = None  # those of the tab *Saving*; None: an ordinary row

    @classmethod
    def of(cls, torrent: Torrent, *, account_shown: bool = False, speed_shown: bool = False) -> Self:
        """Return the row of a torrent that was read for display."""
        row = cls._of_torbox(torrent, account_shown=account_shown, speed_shown=speed_shown)
        if not saving_row.replaces_status(torrent):
            return row
        if saving_row.problem(torrent):
            row = replace(row, facts=saving_row.quiet_line(torrent, _account(torrent, account_shown)))
        return replace(row, **saving_row.words(torrent))

    @classmethod
    def of_saving(cls, torrent: Torrent, *, user: User, account_shown: bool = False) -> Self:
        """Return its row in the tab *Saving* for a person."""
        row = replace(
            cls._of_torbox(torrent, account_shown=account_shown),
            tags=(),  # They leave no room for what the quiet line says here.
            more_tags="",
            speed=row_text.Speed("", ""),
            controls=(),
        )
        if not torrent.saving:  # dismissed a moment ago
            return row
        return replace(
            row,
            **saving_row.words(torrent),
            facts=saving_row.quiet_line(torrent, _account(torrent, account_shown)),
            speed=saving_row.speed(torrent),
            controls=saving_row.controls(torrent, user),
        )

    @classmethod
    def _of_torbox(cls, torrent: Torrent, *, account_shown: bool = False, speed_shown: bool = False) -> Self:
        return cls(
            pk=str(torrent.pk),
            name=display_name(str(torrent)),
            facts=row_text.quiet_line(torrent, _account(torrent, account_shown)),
            tags=tuple(map(_tag, torrent.tags[:SHOWN_TAGS])) if torrent.tags else (),
            more_tags=f"+{number(len(torrent.tags) - SHOWN_TAGS)}" if len(torrent.tags) > SHOWN_TAGS else "",
            tone=row_text.tone(torrent),
            status=row_text.status(torrent),
            status_title=row_text.why_expiring(torrent),
            note=row_text.note(torrent),
            kept=row_text.shows_kept(torrent),
            keep_url=url_cache.of_torrent("keep", torrent.pk) if row_text.shows_keep(torrent) else "",
            bar=row_text.bar(torrent),
            busy=bool(torrent.pending) or torrent.edit_pending,
            busy_title=row_text.pending_edit(torrent),
            airlocked=torrent.airlocked,
            speed=row_text.speed(torrent) if speed_shown else None,
            bytes=str(torrent.size or 0),
            size=file_size(torrent.size),
            exact_size=exact_bytes(torrent.size),
            added=moment(torrent.added_at),
            url=url_cache.detail_url(torrent),
            files_url=url_cache.of_torrent("files", torrent.pk),
            files_version=torrent.files_version,
            download_url=url_cache.download_url(torrent),
            menu_url=url_cache.of_torrent("menu", torrent.pk),
        )

    @property
    def markup(self) -> Markup:
        return _markup(self, locales.tag())


def _account(torrent: Torrent, shown: bool) -> str:
    return torrent.account.label if shown else ""


def _tag(name: str) -> Tag:
    return _tag_at(url_cache.of_list(), name)


@lru_cache(maxsize=KEPT)
def _tag_at(url: str, name: str) -> Tag:
    return Tag(display_name(name) or "…", f"{url}?{urlencode({'tag': name})}")


@lru_cache(maxsize=KEPT)
def _markup(row: Row, language: str) -> Markup:
    return render_to_string("torrents/_row.html", {"row": row}).encode()
