"""One page of the list: its rows, its links, and the cursor for live updates."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import cached_property, partial
from typing import Self
from urllib.parse import quote_plus, urlencode

from django.core.paginator import Page, Paginator
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import Share, TorBoxAccount, User
from torrents.airlock import offers_airlock
from torrents.models import SavedView, Torrent
from torrents.operations import FOR_ALL, Operation
from torrents.saving_states import SAVING, SavingState, saves_to_disk
from torrents.selection import PLAIN, QUEUE, SORTS, Selection, plain_value, query_of
from torrents.states import EXPIRING, MOVING, TABS, Status

from .. import url_cache
from ..choice import Choice
from .page_queries import ACCOUNTS, ROWS, VIEWS, adder
from .poll import as_moment, cursor
from .row import Row

PAGE_SIZE = 50
Query = dict[str, str | list[str]]
IN_ORDER = (*PLAIN, "tag", "ids", "page")
SAVED_NEXT = (SavingState.RUNNING, SavingState.WAITING)
ADDABLE = (TorBoxAccount.OWN, Share.Level.ADD, Share.Level.MANAGE)


class TorrentListing(Selection):
    """A page of the torrents that `user` selects by a query string: that of a `Selection`, and `page`."""

    def __init__(self, user: User, query: Mapping[str, str]) -> None:
        super().__init__(user, query)
        self._page = query.get("page", "1")

    @classmethod
    def opened(cls, user: User, query: Mapping[str, str]) -> Self:
        """Return the listing for a query. Without parameters, it is that of the person's default view."""
        plain = cls(user, query)
        if query or plain.default_view is None:
            return plain
        listing = cls(user, query_of(plain.default_view.query))
        listing.views = plain.views
        return listing

    @cached_property
    def views(self) -> list[SavedView]:
        """Return the views that the user saved. Signing in has read whether there are any."""
        return VIEWS.rows([self.user.pk]) if getattr(self.user, "has_views", True) else []

    @property
    def default_view(self) -> SavedView | None:
        """Return the view that opens without parameters, or None if it is the plain list."""
        return next((view for view in self.views if view.is_default), None)

    @cached_property
    def view(self) -> SavedView | None:
        """Return the saved view that this is, if any."""
        return next((one for one in self.views if self._is(one)), None)

    @cached_property
    def accounts(self) -> list[TorBoxAccount]:
        """Return the accounts that the user sees, with their marks and the last heartbeat of a worker."""
        return ACCOUNTS.rows([self.user.pk], self.user.role)

    @cached_property
    def worker_at(self) -> datetime | None:
        """Return the last heartbeat of a worker."""
        return as_moment(getattr(self.accounts[0], "worker_at", None)) if self.accounts else None

    @property
    def addable(self) -> list[TorBoxAccount]:
        """Return the accounts of `addable_by`. All are read anyway."""
        return [] if self.user.is_guest else [one for one in self.accounts if one.level in ADDABLE]

    @property
    def offers_keep(self) -> bool:
        """Return whether the user may keep torrents on any of the accounts with AirLock."""
        return any(one.level in ADDABLE and offers_airlock(one) for one in self.accounts)

    @property
    def several(self) -> bool:
        """Return whether the user sees more than one account."""
        return len(self.accounts) > 1

    @property
    def cursor(self) -> str:
        """Return a text that changes whenever the list may have."""
        return cursor([getattr(account, "mark", "") for account in self.accounts], self.worker_at)

    @property
    def without_ids_url(self) -> str:
        """Return the URL of the list without `ids`; "" if it has none."""
        return self.url_with(ids="") if self.ids else ""

    @cached_property
    def ids_count(self) -> int:
        """Return how many torrents with one of `ids` the user sees."""
        return self._seen.filter(pk__in=self.ids).count() if self.ids else 0

    @property
    def matching_query(self) -> str:
        """Return the query string for `matching`, for a form that acts on all of them."""
        return urlencode(PLAIN | self.chosen, doseq=True)

    @cached_property
    def page(self) -> Page[int]:
        """Return the places of the torrents in the list."""
        return Paginator(range(self.total), PAGE_SIZE).get_page(self._page)

    @cached_property
    def rows(self) -> list[Torrent]:
        """Return the torrents of the page, read for display."""
        keys = self.keys(max(0, self.page.start_index() - 1), self.page.end_index())
        found = {row.pk: row for row in ROWS.rows([self.user.pk, *keys])} if keys else {}
        rows = [found[key] for key in keys if key in found]
        accounts = {account.pk: account for account in self.accounts}
        one_of_each = {row.added_by_id: row for row in rows}
        adders = {pk: adder(row) for pk, row in one_of_each.items()}
        for row in rows:
            row.account, row.added_by = accounts[row.account_id], adders[row.added_by_id]
        return rows

    @property
    def rows_markup(self) -> bytes:
        """Return the rows of the page as markup in UTF-8."""
        account_shown = self.several and not self.account
        if self.is_saving:
            saving = partial(Row.of_saving, user=self.user, account_shown=account_shown)
            return b"".join(saving(row).markup for row in self.rows)
        shown = {"account_shown": account_shown, "speed_shown": self.user.shows_speed}
        return b"".join(Row.of(row, **shown).markup for row in self.rows)

    @property
    def is_saving(self) -> bool:
        """Return whether this is the tab *Saving*, whose rows and line differ."""
        return self.tab == SAVING

    @property
    def moving(self) -> bool:
        """Return whether anything is downloading or otherwise making progress."""
        return self.counts["downloading"] > 0 or any(row.status in MOVING for row in self.rows)

    @property
    def lively(self) -> bool:
        """Return whether to expect a change soon: something moves, is being sent or done, or is read for the first time."""
        if any(account.refreshed_at is None for account in self.accounts):
            return True
        sending = any(row.status == Status.WAITING and not row.waiting_until for row in self.rows)
        edited = any(row.edit_pending and row.status == Status.READY for row in self.rows)
        saved = saves_to_disk() and any(row.saving in SAVED_NEXT for row in self.rows)
        return self.moving or sending or edited or saved or any(row.pending for row in self.rows)

    @property
    def is_empty(self) -> bool:
        """Return whether there are no torrents at all."""
        return not self.is_filtered and not self.counts["all"]

    @property
    def is_filtered(self) -> bool:
        """Return whether the list leaves torrents out, beside those that the tab leaves out."""
        return bool(self.query or self.account or self.tags or self.ids)

    @property
    def tabs(self) -> list[Choice]:
        return [
            Choice(key, str(label), self.url_with(tab=key), key == self.tab, self.counts[key])
            for key, (label, _statuses) in TABS.items()
            if key not in (EXPIRING, SAVING) or self.counts[key] or key == self.tab
        ]

    @property
    def sorts(self) -> list[Choice]:
        return [
            Choice(key, str(label), self.url_with(sort=key), key == self.sort)
            for key, (label, _columns) in sorted(SORTS.items(), key=lambda sort: sort[0] != QUEUE)
            if key != QUEUE or self.is_saving
        ]

    @property
    def account_choices(self) -> list[Choice]:
        every = Choice("", _("All accounts"), self.url_with(account=""), self.account is None)
        return [every] + [
            Choice(str(one.pk), one.label, self.url_with(account=one.pk), one == self.account)
            for one in self.accounts
        ]

    @property
    def sort_label(self) -> str:
        """Return the name of the sort order."""
        return str(SORTS[self.sort][0])

    @property
    def operations(self) -> tuple[Operation, ...]:
        """Return the operations on several torrents that need no confirmation."""
        return tuple(operation for operation in FOR_ALL if not operation.confirm)

    @property
    def previous_url(self) -> str:
        return self.url_with(page=self.page.number - 1) if self.page.has_previous() else ""

    @property
    def next_url(self) -> str:
        return self.url_with(page=self.page.number + 1) if self.page.has_next() else ""

    @property
    def filters(self) -> list[tuple[str, str]]:
        """Return the parameters that a form for another page of the list has to keep."""
        return [(name, value) for name, values in self._query().items() for value in _each(values)]

    @property
    def clear_url(self) -> str:
        return self.url_with(q="") if self.query else self.url_with(tab="all", account="", tag=[], ids="")

    @property
    def plain_url(self) -> str:
        """Return the URL of the list without filters, whatever the person's default view is."""
        return _url({}, self.default_view)

    @property
    def url(self) -> str:
        return self.url_with(page=self.page.number)

    @property
    def changes_url(self) -> str:
        query = self._query(page=self.page.number) | {"since": self.cursor}
        return f"{reverse('torrents:changes')}?{urlencode(query, doseq=True)}"

    def url_with(self, **changes: object) -> str:
        """Return the URL of the list with other values of some parameters. A new filter starts at page 1."""
        return _url(self._query(**changes), self.default_view)

    def url_of_tag(self, name: str) -> str:
        """Return the URL of the list with this tag instead of those chosen. A page has many, so most of it is kept."""
        return self._before_a_tag + quote_plus(name)

    @cached_property
    def _before_a_tag(self) -> str:
        text = urlencode(self._query(tag=[]), doseq=True)
        return f"{url_cache.of_list()}?{text}{'&' if text else ''}tag="

    def _query(self, **changes: object) -> Query:
        """Return the query string with `changes`, without defaults."""
        query = self.chosen
        for key, value in changes.items():
            query[key] = value if isinstance(value, list) else str(value)
        tab = str(query.get("tab", PLAIN["tab"]))
        plain = {name: plain_value(name, tab) for name in PLAIN} | {"page": "1"}
        return {key: query[key] for key in IN_ORDER if query.get(key, "") not in ("", [], plain.get(key))}

    def _is(self, view: SavedView) -> bool:
        other = Selection(self.user, query_of(view.query))
        other.accounts = self.accounts
        return _sorted(other.chosen) == _sorted(self.chosen)


def _url(query: Query, default_view: SavedView | None) -> str:
    if not query and default_view:
        query = {"tab": "all"}  # without any parameter, the default view opens
    text = urlencode(query, doseq=True)
    return reverse("torrents:list") + (f"?{text}" if text else "")


def _each(values: str | list[str]) -> list[str]:
    return values if isinstance(values, list) else [values]


def _sorted(query: Query) -> dict[str, list[str]]:
    return {name: sorted(_each(values)) for name, values in query.items()}
