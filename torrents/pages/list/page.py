"""One page of the list: its rows, its links, and the cursor for live updates."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import cached_property
from urllib.parse import urlencode

from django.core.paginator import Page, Paginator
from django.db.models import F, QuerySet, Subquery
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import Share, TorBoxAccount, User
from accounts.prepared_query import Prepared
from torrents.airlock import offers_airlock
from torrents.models import Torrent
from torrents.operations import FOR_ALL, Operation
from torrents.selection import SORTS, Selection
from torrents.states import EXPIRING, MOVING, TABS, Status

from ..choice import Choice
from .poll import as_moment, cursor, last_sign, with_marks
from .row import Row

PAGE_SIZE = 50
# What a row is made of. Any other column would be read by a query for each row.
SHOWN = (
    *("account", "info_hash", "name", "status", "status_since", "raw_state", "active", "pending", "unread"),
    *("size", "progress", "eta", "download_speed", "peers", "seeds", "file_count", "files_digest"),
    *("remote_id", "queued_id", "added_by", "added_at", "hidden"),
    *("airlocked", "edit_pending", "removal_at", "removal_estimated"),
    *("reason", "reason_params", "upstream_detail", "waiting_until", "waiting_place"),
)
ADDABLE = (TorBoxAccount.OWN, Share.Level.ADD, Share.Level.MANAGE)


def _accounts_of(viewer: int, role: str) -> QuerySet[TorBoxAccount]:
    user = User(pk=viewer, role=role)
    accounts = with_marks(TorBoxAccount.objects.visible_to(user).with_level(user), viewer)
    return accounts.annotate(worker_at=Subquery(last_sign()), airlock_limit=F("usage__airlock_limit"))


def _rows_for(viewer: int, *keys: int) -> QuerySet[Torrent]:
    shown = Torrent.objects.filter(pk__in=keys).for_display_on_known(User(pk=viewer))
    shown = shown.select_related(None).defer(None).only(*SHOWN).order_by()
    return shown.annotate(username=F("added_by__username"), shown_name=F("added_by__shown_name"))


def _adder(row: Torrent) -> User | None:
    """Return the person who added it, with nothing but their names."""
    names = {name: getattr(row, name) for name in ("username", "shown_name")}
    return User(pk=row.added_by_id, **names) if row.added_by_id else None


ACCOUNTS, ROWS = Prepared(_accounts_of), Prepared(_rows_for)


class TorrentListing(Selection):
    """A page of the torrents that `user` selects by a query string (`tab`, `q`, `sort`, `account`, `page`)."""

    def __init__(self, user: User, query: Mapping[str, str]) -> None:
        super().__init__(user, query)
        self._page = query.get("page", "1")

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
    def matching_query(self) -> str:
        """Return the query string for `matching`, for a form that acts on all of them."""
        account = str(self.account.pk) if self.account else ""
        return urlencode({"tab": self.tab, "q": self.query, "sort": self.sort, "account": account})

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
        adders = {pk: _adder(row) for pk, row in one_of_each.items()}
        for row in rows:
            row.account, row.added_by = accounts[row.account_id], adders[row.added_by_id]
        return rows

    @property
    def rows_markup(self) -> bytes:
        """Return the rows of the page as markup in UTF-8."""
        account_shown = self.several and not self.account
        return b"".join(Row.of(row, account_shown=account_shown).markup for row in self.rows)

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
        return self.moving or sending or any(row.pending for row in self.rows)

    @property
    def is_empty(self) -> bool:
        """Return whether there are no torrents at all."""
        return not self.query and not self.account and not self.counts["all"]

    @property
    def tabs(self) -> list[Choice]:
        return [
            Choice(key, str(label), self._url(tab=key), key == self.tab, self.counts[key])
            for key, (label, _statuses) in TABS.items()
            if key != EXPIRING or self.counts[key] or key == self.tab
        ]

    @property
    def sorts(self) -> list[Choice]:
        return [
            Choice(key, str(label), self._url(sort=key), key == self.sort)
            for key, (label, _columns) in SORTS.items()
        ]

    @property
    def account_choices(self) -> list[Choice]:
        every = Choice("", _("All accounts"), self._url(account=""), self.account is None)
        return [every] + [
            Choice(str(one.pk), one.label, self._url(account=one.pk), one == self.account)
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
        return self._url(page=self.page.number - 1) if self.page.has_previous() else ""

    @property
    def next_url(self) -> str:
        return self._url(page=self.page.number + 1) if self.page.has_next() else ""

    @property
    def filters(self) -> dict[str, str]:
        """Return the parameters that a form for another page of the list has to keep."""
        return self._query()

    @property
    def clear_url(self) -> str:
        return self._url(q="") if self.query else self._url(tab="all", account="")

    @property
    def url(self) -> str:
        return self._url(page=self.page.number)

    @property
    def changes_url(self) -> str:
        query = self._query(page=self.page.number) | {"since": self.cursor}
        return f"{reverse('torrents:changes')}?{urlencode(query)}"

    def _query(self, **changes: object) -> dict[str, str]:
        """Return the query string with `changes`, without defaults. A new filter starts at page 1."""
        account = str(self.account.pk) if self.account else ""
        query = {"tab": self.tab, "q": self.query, "sort": self.sort, "account": account, "page": "1"}
        query |= {key: str(value) for key, value in changes.items()}
        defaults = {"tab": "all", "q": "", "sort": "newest", "account": "", "page": "1"}
        return {key: value for key, value in query.items() if value != defaults[key]}

    def _url(self, **changes: object) -> str:
        query = urlencode(self._query(**changes))
        return reverse("torrents:list") + (f"?{query}" if query else "")
