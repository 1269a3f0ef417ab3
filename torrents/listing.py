"""The list as one object: filter, search, sort, page, counts and the cursor that live updates go by."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from urllib.parse import urlencode

from django.core.paginator import Page, Paginator
from django.db import connection
from django.db.models import Count, Q, Subquery, Value
from django.db.models.functions import StrIndex
from django.urls import reverse

from accounts.models import TorBoxAccount, User

from .models import Torrent, TorrentQuerySet
from .models.file_names import folded
from .polling import cursor, last_sign, with_marks
from .rows import Row
from .states import MOVING, TABS, Status

PAGE_SIZE = 50
HASH_BEGINS = re.compile("[0-9a-fA-F]{1,40}")
SORTS: dict[str, tuple[str, tuple[str, ...]]] = {
    "newest": ("Newest", ("-added_at", "-pk")),
    "oldest": ("Oldest", ("added_at", "pk")),
    "name": ("Name", ("sort_name", "pk")),
    "largest": ("Largest", ("-size", "-pk")),
    "smallest": ("Smallest", ("size", "pk")),
}


@dataclass(frozen=True)
class Choice:
    """A tab or a sort: a link that keeps the rest of the query."""

    key: str
    label: str
    url: str
    current: bool
    count: int = 0


class TorrentListing:
    """What `user` sees of the list under a query string (`tab`, `q`, `sort`, `account`, `page`).

    Unknown values mean the default.
    """

    def __init__(self, user: User, query: Mapping[str, str]) -> None:
        self.user = user
        self.tab = query.get("tab", "all") if query.get("tab") in TABS else "all"
        self.sort = query.get("sort", "newest") if query.get("sort") in SORTS else "newest"
        self.query = query.get("q", "").replace("\0", "").strip()[:200]
        self._account = query.get("account", "")
        self._page = query.get("page", "1")

    @cached_property
    def accounts(self) -> list[TorBoxAccount]:
        accounts = with_marks(TorBoxAccount.objects.visible_to(self.user).with_level(self.user))
        return list(accounts.annotate(worker_at=Subquery(last_sign())))

    @property
    def worker_at(self) -> datetime | None:
        return getattr(self.accounts[0], "worker_at", None) if self.accounts else None

    @property
    def several(self) -> bool:
        return len(self.accounts) > 1

    @cached_property
    def account(self) -> TorBoxAccount | None:
        """The one account that is shown; None while all are."""
        return next((account for account in self.accounts if str(account.pk) == self._account), None)

    @property
    def cursor(self) -> str:
        return cursor([getattr(account, "mark", "") for account in self.accounts], self.worker_at)

    @cached_property
    def counts(self) -> dict[str, int]:
        """How many torrents each tab holds under the search."""
        if self.query:
            by_status = Counter(status for _, status in self._found)
        else:
            by_status = Counter(dict(self._seen.order_by().values_list("status").annotate(Count("pk"))))
        return {key: sum(by_status[status] for status in statuses) for key, (_, statuses) in TABS.items()}

    @property
    def matching(self) -> TorrentQuerySet:
        """Every torrent under the tab and the search, on whatever page, in the order of the list."""
        rows = self._searched.filter(status__in=TABS[self.tab][1]) if self.tab != "all" else self._searched
        return rows.order_by(*SORTS[self.sort][1])

    @property
    def matching_query(self) -> str:
        """`matching` as a query string, for a form that acts on all of it."""
        account = str(self.account.pk) if self.account else ""
        return urlencode({"tab": self.tab, "q": self.query, "sort": self.sort, "account": account})

    @property
    def total(self) -> int:
        return self.counts[self.tab]

    @cached_property
    def page(self) -> Page[int]:
        """Primary keys: only what is shown is read whole."""
        keys = self._found_under_tab if self.query else self.matching.values_list("pk", flat=True)
        paginator = Paginator(keys, PAGE_SIZE)
        paginator.count = self.total  # known already; spares a second counting query
        return paginator.get_page(self._page)

    @cached_property
    def rows(self) -> list[Torrent]:
        shown = Torrent.objects.filter(pk__in=self.page.object_list).for_display_on_known(self.user)
        rows = list(shown.order_by(*SORTS[self.sort][1]))
        accounts = {account.pk: account for account in self.accounts}
        for row in rows:
            row.account = accounts[row.account_id]
        return rows

    @property
    def shown(self) -> list[Row]:
        account_shown = self.several and not self.account
        return [Row.of(row, account_shown=account_shown) for row in self.rows]

    @property
    def moving(self) -> bool:
        return self.counts["downloading"] > 0 or any(row.status in MOVING for row in self.rows)

    @property
    def lively(self) -> bool:
        """Whether a change is to be expected soon: something moves, is being sent, done, or read for the first time."""
        if any(account.refreshed_at is None for account in self.accounts):
            return True
        sending = any(row.status == Status.WAITING and not row.waiting_until for row in self.rows)
        return self.moving or sending or any(row.pending for row in self.rows)

    @property
    def is_empty(self) -> bool:
        return not self.query and not self.account and not self.counts["all"]

    @property
    def tabs(self) -> list[Choice]:
        return [
            Choice(key, label, self._url(tab=key), key == self.tab, self.counts[key])
            for key, (label, _) in TABS.items()
        ]

    @property
    def sorts(self) -> list[Choice]:
        return [
            Choice(key, label, self._url(sort=key), key == self.sort) for key, (label, _) in SORTS.items()
        ]

    @property
    def account_choices(self) -> list[Choice]:
        every = Choice("", "All accounts", self._url(account=""), self.account is None)
        return [every] + [
            Choice(str(one.pk), one.label, self._url(account=one.pk), one == self.account)
            for one in self.accounts
        ]

    @property
    def sort_label(self) -> str:
        return SORTS[self.sort][0]

    @property
    def previous_url(self) -> str:
        return self._url(page=self.page.number - 1) if self.page.has_previous() else ""

    @property
    def next_url(self) -> str:
        return self._url(page=self.page.number + 1) if self.page.has_next() else ""

    @property
    def filters(self) -> dict[str, str]:
        """What a form that leads to another page has to carry."""
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

    @cached_property
    def _found(self) -> list[tuple[int, str]]:
        """Key and status of what the search finds, in the order of the list.

        Counts and page both come from it, since looking through all file names is what a search costs.
        """
        return list(self._searched.order_by(*SORTS[self.sort][1]).values_list("pk", "status"))

    @property
    def _found_under_tab(self) -> list[int]:
        return [pk for pk, status in self._found if self.tab == "all" or status in TABS[self.tab][1]]

    @property
    def _searched(self) -> TorrentQuerySet:
        if not self.query:
            return self._seen
        in_files = StrIndex("file_names__text", Value(folded([self.query])))
        found = _spelled("name", self.query) | Q(place__gt=0)
        if HASH_BEGINS.fullmatch(self.query):
            found |= Q(info_hash__startswith=self.query.lower())
        return self._seen.alias(place=in_files).filter(found)

    @cached_property
    def _seen(self) -> TorrentQuerySet:
        return Torrent.objects.listed().seen_on([self.account] if self.account else self.accounts, self.user)

    def _query(self, **changes: object) -> dict[str, str]:
        """The query string as it is with `changes`; defaults are left out, and a new filter starts at page 1."""
        account = str(self.account.pk) if self.account else ""
        query = {"tab": self.tab, "q": self.query, "sort": self.sort, "account": account, "page": "1"}
        query |= {key: str(value) for key, value in changes.items()}
        defaults = {"tab": "all", "q": "", "sort": "newest", "account": "", "page": "1"}
        return {key: value for key, value in query.items() if value != defaults[key]}

    def _url(self, **changes: object) -> str:
        query = urlencode(self._query(**changes))
        return reverse("torrents:list") + (f"?{query}" if query else "")


def _spelled(field: str, query: str) -> Q:
    """`field` holds the query in any case. SQLite knows upper and lower case only of A to Z, so others are spelled out."""
    spellings = {query}
    if connection.vendor == "sqlite" and not query.isascii():
        spellings = {query.lower(), query.upper(), query.title(), query.capitalize()}
    found = Q()
    for spelling in sorted(spellings):
        found |= Q(**{f"{field}__icontains": spelling})
    return found
