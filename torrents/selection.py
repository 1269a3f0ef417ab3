"""Which torrents a person selects: filter, search, sort, and counts. Knows no pages and no URLs."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from django.db.models import Count, F, Q, QuerySet, Value
from django.db.models.expressions import OrderBy
from django.http import QueryDict
from django.utils import timezone
from django.utils.datastructures import MultiValueDict
from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

from accounts.models import TorBoxAccount, User
from accounts.prepared_query import MOMENTS, Prepared

from .id_ranges import as_ranges, ids_of
from .models import Torrent, TorrentQuerySet, TorrentTag
from .models.tags import MAX_TAG
from .removal import soon, window
from .saving_states import SAVING, saves_to_disk
from .searching import holding_words
from .states import EXPIRING, TABS

HASH_BEGINS = re.compile("[0-9a-fA-F]{1,40}")
SORTS: dict[str, tuple[str | Promise, tuple[str | OrderBy, ...]]] = {
    "newest": (pgettext_lazy("sort order", "Newest"), ("-added_at", "-pk")),
    "oldest": (pgettext_lazy("sort order", "Oldest"), ("added_at", "pk")),
    "name": (pgettext_lazy("sort order", "Name"), ("sort_name", "pk")),
    "largest": (pgettext_lazy("sort order", "Largest"), ("-size", "-pk")),
    "smallest": (pgettext_lazy("sort order", "Smallest"), ("size", "pk")),
    # Translators: a sort order: torrents without any progress first, complete ones last.
    "progress": (pgettext_lazy("sort order", "Progress"), ("progress", "pk")),
    # Translators: a sort order: torrents that TorBox removes next first.
    "expiring": (
        pgettext_lazy("sort order", "Expiring first"),
        (F("removal_at").asc(nulls_last=True), "pk"),
    ),
    # Translators: a sort order of torrents that are being saved to disk: what is saved first comes first.
    "queue": (pgettext_lazy("sort order", "Queue order"), ("saving_rank", "pk")),
}
QUEUE = "queue"  # only the tab SAVING has this order, and it is the one that it opens with
IS_SAVING = ~Q(saving="")
PLAIN = {"tab": "all", "q": "", "sort": "newest", "account": ""}
MAX_TAGS = 5
MAX_SELECTED = 5_000
MAX_QUERY = 10_000  # characters of a form's query string: enough for the longest search and tags, escaped


class Selection:
    """The torrents that `user` sees with these values of `tab`, `q` (a search), `sort`, `account`, `tag`, and `ids`.

    Unknown values count as the default. A query with several values of `tag` means the torrents that have all of them.
    `ids` are keys as id_ranges.py writes them. Links from elsewhere have them; they are no part of saved views.
    """

    def __init__(self, user: User, query: Mapping[str, str]) -> None:
        self.user = user
        self.tab = _tab(query.get("tab", ""))
        self.sort = _sort(query.get("sort", ""), self.tab)
        self.query = query.get("q", "").replace("\0", "").strip()[:200]
        self.tags = _tags(query)
        self.ids = ids_of(query.get("ids", ""))
        self._account = query.get("account", "")

    @cached_property
    def accounts(self) -> list[TorBoxAccount]:
        """Return the accounts that the user sees."""
        return list(TorBoxAccount.objects.visible_to(self.user).with_level(self.user))

    @cached_property
    def account(self) -> TorBoxAccount | None:
        """Return the only account shown, or None if all are."""
        return next((account for account in self.accounts if str(account.pk) == self._account), None)

    @property
    def unseen_account(self) -> str:
        """Return the account that the query asks for if the user doesn't see it, or "". All are shown then."""
        return "" if self.account else self._account

    @property
    def chosen(self) -> dict[str, str | list[str]]:
        """Return the parameters that differ from those of the plain list. `tag` is a list."""
        return self.savable | ({"ids": as_ranges(self.ids)} if self.ids else {})

    @property
    def savable(self) -> dict[str, str | list[str]]:
        """Return those of them that a saved view has."""
        account = str(self.account.pk) if self.account else ""
        values = {"tab": self.tab, "q": self.query, "sort": self.sort, "account": account}
        chosen: dict[str, str | list[str]] = {
            name: value for name, value in values.items() if value != plain_value(name, self.tab)
        }
        return chosen | ({"tag": [*self.tags]} if self.tags else {})

    @cached_property
    def counts(self) -> dict[str, int]:
        """Return how many torrents that match the search each tab holds."""
        by_status = Counter(status for _, status, _ in self._found) if self._is_narrow else self._counted()
        counts = {key: sum(by_status[status] for status in statuses) for key, (_, statuses) in TABS.items()}
        parts = {key: by_status[key] for key in (EXPIRING, SAVING)}
        if self._is_narrow:
            saving = sum(bool(saving) for *_, saving in self._found)
            parts = {EXPIRING: len(self._found_expiring), SAVING: saving if saves_to_disk() else 0}
        return counts | parts

    @property
    def matching(self) -> TorrentQuerySet:
        """Return all torrents that match the tab and the search, in the order of the list."""
        rows = self._searched
        if self.tab == SAVING:
            rows = rows.filter(IS_SAVING)
        elif self.tab != "all":
            rows = rows.filter(status__in=TABS[self.tab][1])
        if self.tab == EXPIRING:
            rows = rows.filter(soon(*window(timezone.now())))
        return rows.order_by(*SORTS[self.sort][1])

    @property
    def total(self) -> int:
        """Return how many torrents match."""
        return self.counts[self.tab]

    def keys(self, start: int, stop: int) -> list[int]:
        """Return the primary keys from place `start` to before `stop` in the order of the list."""
        if self._is_narrow:
            return self._found_under_tab[start:stop]
        if start >= stop:
            return []
        if self.tab == EXPIRING:
            return list(self.matching.values_list("pk", flat=True)[start:stop])
        found = KEYS.values(self._about, self._owned, self.tab, self.sort, start, stop)
        return [pk for (pk,) in found]

    @property
    def _is_narrow(self) -> bool:
        """Return whether only what `_found` holds can match."""
        return bool(self.query or self.ids)

    def _counted(self) -> Counter[str]:
        if not self._shown:
            return Counter()
        around_now = window(timezone.now())
        return Counter(dict(COUNTS.values(self._about, self._owned, saves_to_disk(), moments=around_now)))

    @property
    def _about(self) -> list[int | str]:
        return [self.user.pk, *(account.pk for account in self._shown), *self.tags]

    @property
    def _owned(self) -> tuple[bool, ...]:
        return tuple(account.owner_id == self.user.pk for account in self._shown)

    @cached_property
    def _found(self) -> list[tuple[int, str, str]]:
        """Return key, status, and `saving` of each torrent that the search or `ids` find, in the order of the list.

        Counts and page both use it, because searching all file names is the expensive part.
        """
        return list(self._searched.order_by(*SORTS[self.sort][1]).values_list("pk", "status", "saving"))

    @property
    def _found_under_tab(self) -> list[int]:
        if self.tab == EXPIRING:
            return self._found_expiring
        if self.tab == SAVING:
            return [pk for pk, _, saving in self._found if saving]
        return [pk for pk, status, _ in self._found if self.tab == "all" or status in TABS[self.tab][1]]

    @cached_property
    def _found_expiring(self) -> list[int]:
        """Return those that TorBox removes soon. They are few, so they are read apart from the search."""
        expiring = self._seen.filter(soon(*window(timezone.now())))
        keys = set(expiring.values_list("pk", flat=True)) if self._found else set()
        return [pk for pk, *_ in self._found if pk in keys]

    @property
    def _searched(self) -> TorrentQuerySet:
        if not self.query:
            return self._tagged
        found = holding_words(self.query, "folded_name", "file_names__text")
        if HASH_BEGINS.fullmatch(self.query):
            found |= Q(info_hash__startswith=self.query.lower())
        return self._tagged.filter(found)

    @property
    def _tagged(self) -> TorrentQuerySet:
        rows, shown = self._seen, [account.pk for account in self._shown]
        if self.ids:
            rows = rows.filter(pk__in=self.ids)
        for tag in self.tags:
            rows = rows.filter(
                pk__in=TorrentTag.objects.filter(account__in=shown, name=tag).values("torrent")
            )
        return rows

    @property
    def _seen(self) -> TorrentQuerySet:
        return Torrent.objects.listed().seen_on(self._shown, self.user)

    @property
    def _shown(self) -> list[TorBoxAccount]:
        return [self.account] if self.account else self.accounts


def _of(about: Sequence[int], owned: Sequence[bool], **query: str) -> Selection:
    """Return a selection about a viewer, accounts that are their own or shared with them, and tags."""
    viewer, accounts, tags = about[0], about[1 : 1 + len(owned)], about[1 + len(owned) :]
    selection = Selection(User(pk=viewer), query)
    selection.tags = tuple(map(str, tags))
    selection.accounts = [
        TorBoxAccount(pk=pk, owner_id=viewer if own else 0) for pk, own in zip(accounts, owned, strict=True)
    ]
    return selection


def _counts(*more: Any) -> QuerySet[Torrent, Any]:
    *about, owned, saves = more
    seen = _of(about, owned).matching.order_by()
    parts = {EXPIRING: soon(*MOMENTS)} | ({SAVING: IS_SAVING} if saves else {})
    of_parts = [seen.filter(part).annotate(tab=Value(tab)).values_list("tab") for tab, part in parts.items()]
    by_status = seen.annotate(tab=F("status")).values_list("tab")
    counted = by_status.annotate(Count("pk"))
    return counted.union(*(part.annotate(Count("pk")) for part in of_parts), all=True)


def _keys(*more: Any) -> QuerySet[Torrent, Any]:
    *about, owned, tab, sort, start, stop = more
    return _of(about, owned, tab=tab, sort=sort).matching.values_list("pk")[start:stop]


COUNTS, KEYS = Prepared(_counts), Prepared(_keys)


def selected(rows: TorrentQuerySet, user: User, *, ids: Sequence[str], matching: str = "") -> list[Torrent]:
    """Return at most MAX_SELECTED of `rows`: those that match the query string `matching`, else those with these ids.

    Each string in `ids` may hold several, separated by commas. Longer than MAX_QUERY, `matching` selects nothing.
    """
    rows = rows.listed().select_related("account")
    if len(matching) > MAX_QUERY:
        return []  # without its end, it would match other torrents
    if matching:
        found = Selection(user, QueryDict(matching)).matching
        rows = rows.filter(pk__in=found.order_by().values("pk"))
    else:
        rows = rows.filter(pk__in=_numbers(ids))
    return list(rows[:MAX_SELECTED])


def plain_value(name: str, tab: str) -> str:
    """Return the value that a parameter has without being in a query."""
    return _sort("", tab) if name == "sort" else PLAIN[name]


def query_of(stored: object) -> QueryDict:
    """Return stored parameters of a `Selection` as a query. Ignores what can't be one."""
    values = stored if isinstance(stored, dict) else {}
    query = QueryDict(mutable=True)
    for name in (*PLAIN, "tag"):
        value = values.get(name)
        texts = [one for one in (value if isinstance(value, list) else [value]) if isinstance(one, str)]
        for text in texts[:MAX_TAGS]:
            query.appendlist(name, text.replace("\0", "")[:MAX_QUERY])
    return query


def _tab(asked: str) -> str:
    known = asked in TABS and (asked != SAVING or saves_to_disk())
    return asked if known else "all"


def _sort(asked: str, tab: str) -> str:
    known = asked in SORTS and (asked != QUEUE or tab == SAVING)
    return asked if known else QUEUE if tab == SAVING else PLAIN["sort"]


def _tags(query: Mapping[str, str]) -> tuple[str, ...]:
    """Return the tags of a query, each once. One that is longer than any tag stays so, and matches nothing."""
    asked = query.getlist("tag") if isinstance(query, MultiValueDict) else []
    return tuple(dict.fromkeys(tag.replace("\0", "")[: MAX_TAG + 1] for tag in asked[:MAX_TAGS] if tag))


def by_name(torrent: Torrent) -> tuple[str, int]:
    """Return the sort key for the list by name."""
    return torrent.sort_name, torrent.pk


def _numbers(texts: Sequence[str]) -> list[int]:
    parts = [part for text in texts[:MAX_SELECTED] for part in text.split(",", MAX_SELECTED)]
    return [
        int(part) for part in parts[:MAX_SELECTED] if part.isascii() and part.isdecimal() and len(part) < 19
    ]
