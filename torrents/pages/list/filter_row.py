"""The row that filters by saved views and tags. It is the same for the same words, so its markup can be cached."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse

from torrents.formatting import display_name
from torrents.models import SavedView
from torrents.selection import MAX_TAGS, query_of
from torrents.tag_counts import tag_counts

from .page import TorrentListing
from .saving_row import TabLine, tab_line

SHOWN_TAGS = 8  # the others are in a menu


@dataclass(frozen=True)
class TagLink:
    """A link that chooses one tag, or removes it if it is chosen. `both_url` adds it to the chosen ones, if it may."""

    label: str
    url: str
    both_url: str
    current: bool
    count: int


@dataclass(frozen=True)
class ViewLink:
    """A link to a saved view, or back to the plain list from the one that is open."""

    label: str
    url: str
    current: bool
    is_default: bool
    rename_url: str
    default_url: str
    delete_url: str


@dataclass(frozen=True)
class FilterRow:
    """Everything that the row shows. `save_url` is empty if there is nothing to save.

    `only_count` is the number of torrents that a link from elsewhere chose, and `only_url` shows the others as well.
    `line`: that of the tab *Saving*, where it takes the place of what isn't chosen.
    """

    views: tuple[ViewLink, ...]
    tags: tuple[TagLink, ...]
    more: tuple[TagLink, ...]
    save_url: str
    only_count: int = 0
    only_url: str = ""
    line: TabLine | None = None

    @property
    def is_shown(self) -> bool:
        """Return whether there is anything to choose."""
        return bool(self.views or self.tags or self.only_url)

    @property
    def view(self) -> ViewLink | None:
        """Return the view that is open."""
        return next((view for view in self.views if view.current), None)


def filter_row(listing: TorrentListing) -> FilterRow:
    """Return the row above a page of the list."""
    if listing.is_saving:
        return _saving_row(listing)
    tags = _tags(listing)
    shown = [tag for place, tag in enumerate(tags) if place < SHOWN_TAGS or tag.current]
    return FilterRow(
        views=tuple(_view(listing, view) for view in listing.views),
        tags=tuple(shown),
        more=tuple(tag for tag in tags if tag not in shown),
        save_url=_save_url(listing),
        only_count=listing.ids_count,
        only_url=listing.without_ids_url,
    )


def _saving_row(listing: TorrentListing) -> FilterRow:
    """Return the row of the tab *Saving*: its line, and what the list is filtered by."""
    return FilterRow(
        views=tuple(_view(listing, view) for view in listing.views if view == listing.view),
        tags=tuple(_tag(listing, name, 0) for name in listing.tags),
        more=(),
        save_url=_save_url(listing),
        only_count=listing.ids_count,
        only_url=listing.without_ids_url,
        line=tab_line(listing.user),
    )


def _tags(listing: TorrentListing) -> list[TagLink]:
    accounts = [listing.account] if listing.account else listing.accounts
    counts = dict(tag_counts(listing.user, accounts))
    without = [tag for tag in listing.tags if tag not in counts]
    return [_tag(listing, name, count) for name, count in [*counts.items(), *((tag, 0) for tag in without)]]


def _tag(listing: TorrentListing, name: str, count: int) -> TagLink:
    chosen, current = [*listing.tags], name in listing.tags
    url = (
        listing.url_with(tag=[tag for tag in chosen if tag != name]) if current else listing.url_of_tag(name)
    )
    may_add = chosen and not current and len(chosen) < MAX_TAGS
    both_url = listing.url_with(tag=[*chosen, name]) if may_add else ""
    return TagLink(display_name(name) or "…", url, both_url, current, count)


def _view(listing: TorrentListing, view: SavedView) -> ViewLink:
    current = listing.view == view
    return ViewLink(
        label=display_name(view.name) or "…",
        url=listing.plain_url if current else view_url(view),
        current=current,
        is_default=view.is_default,
        rename_url=reverse("torrents:rename_view", args=[view.pk]),
        default_url=reverse("torrents:default_view", args=[view.pk]),
        delete_url=reverse("torrents:delete_view", args=[view.pk]),
    )


def view_url(view: SavedView) -> str:
    """Return the URL of the list as this view shows it."""
    return f"{reverse('torrents:list')}?{query_of(view.query).urlencode() or 'tab=all'}"


def _save_url(listing: TorrentListing) -> str:
    if not listing.chosen or listing.view or listing.ids:
        return ""
    return f"{reverse('torrents:save_view')}?{urlencode(listing.chosen, doseq=True)}"
