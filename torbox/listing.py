"""Calls that read the account: its torrents, its queue, its owner. Safe to repeat."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol, TypeVar

from torbox.api import Api, options
from torbox.digests import digest
from torbox.errors import Malformed, NotFound, TooLarge
from torbox.fields import Fields
from torbox.models import Queued, Torrent, Unchanged, Unreadable, UsageStats, User
from torbox.transport import Call

PAGE_SIZE = 1000  # rows; the most TorBox gives at once
SMALL_PAGE = 200  # rows, for lists whose usual pages exceed MAX_ANSWER
MAX_ROWS = 50_000  # rows read of one list, even if TorBox has more


class _Row(Protocol):
    @property
    def id(self) -> int | None: ...


Row = TypeVar("Row", bound=_Row)
BeforePage = Callable[[], object]
Known = Mapping[int, tuple[str, str]]
NOTHING = ("", "")


class ListApi(Api):
    """Endpoints that read the account. Without `fresh`, TorBox may use a copy up to ten minutes old."""

    def list_torrents(
        self, *, fresh: bool = False, page_size: int = PAGE_SIZE, before_page: BeforePage | None = None
    ) -> tuple[Torrent, ...]:
        """Return all torrents on the account from all pages, each id once, as last seen.

        Rows that can't be understood are left out; `list_changes` includes them. Reading stops after MAX_ROWS rows, so
        with that many there may be more. If an item is removed while pages are read, the next item at a page border can
        be missing until the next call. Pages too large for one response are requested as smaller ones. `before_page` is
        called before each page. See docs/torbox-api.md#mylist.
        """
        rows = self._every_page(Torrent.from_json, fresh, page_size, before_page)
        return tuple(row for row in rows if isinstance(row, Torrent))

    def list_changes(
        self, known: Known, *, fresh: bool = False, before_page: BeforePage | None = None
    ) -> tuple[Torrent | Unchanged | Unreadable, ...]:
        """List torrents like `list_torrents`, but skip parsing unchanged rows, which takes a tenth of the time.

        An unchanged row is returned as `Unchanged`, one that can't be understood as `Unreadable`.
        `known`: info hash and digest of torrents by id.
        """

        def read(row: object) -> Torrent | Unchanged:
            said = digest(row)
            remote_id = row.get("id") if isinstance(row, dict) else None
            info_hash, noted = known.get(remote_id, NOTHING) if isinstance(remote_id, int) else NOTHING
            if said != noted:
                return Torrent.from_json(row, said)
            return Unchanged(int(remote_id or 0), info_hash, Fields(row).boolean("download_present"))

        return self._every_page(read, fresh, PAGE_SIZE, before_page)

    def list_page(
        self, *, offset: int = 0, limit: int = PAGE_SIZE, fresh: bool = False
    ) -> tuple[Torrent, ...]:
        """Return at most `limit` rows from `offset`, usually newest first."""
        rows = self._rows(Torrent.from_json, offset, limit, fresh)
        return tuple(row for row in rows if isinstance(row, Torrent))

    def get_torrent(self, torrent_id: int, *, fresh: bool = False) -> Torrent:
        """Return one torrent. Raises NotFound for all responses that mean so (docs/torbox-api.md#mylist)."""
        query = options(id=torrent_id, bypass_cache=fresh or None)
        data = self._read("torrents/mylist", query)
        if not data:
            raise NotFound(note="TorBox does not have this item.")
        torrent = Torrent.from_json(data[0] if isinstance(data, list) and len(data) == 1 else data)
        if torrent.id != torrent_id:
            raise Malformed.at("id", "belongs to another item")
        return torrent

    def list_queued(
        self, *, fresh: bool = False, page_size: int = PAGE_SIZE
    ) -> tuple[Queued | Unreadable, ...]:
        """Return all torrents waiting for a slot. Their ids are not torrent ids (docs/torbox-api.md#queue)."""

        def page(offset: int) -> tuple[Queued | Unreadable, ...]:
            query = options(type="torrent", offset=offset, limit=page_size, bypass_cache=fresh or None)
            rows = _list(self._read("queued/getqueued", query))
            return tuple(_read(Queued.from_json, row) for row in rows[:page_size])

        return _all_pages(page, page_size)

    def user(self) -> User:
        """Return the owner of the key. Raises AuthError if TorBox doesn't accept the key."""
        return User.from_json(self._read("user/me", {}))

    def usage_stats(self) -> UsageStats:
        """Return what the account used in the last 30 days, by day (docs/torbox-api.md#user-statistics)."""
        query = options(bandwidth=True, bandwidth_grouping="day")
        return UsageStats.from_json(self._read("user/stats", query))

    def _every_page(
        self, read: Callable[[object], Row], fresh: bool, page_size: int, before_page: BeforePage | None
    ) -> tuple[Row | Unreadable, ...]:
        def page(offset: int) -> tuple[Row | Unreadable, ...]:
            if before_page:
                before_page()
            return self._rows(read, offset, page_size, fresh)

        try:
            return _all_pages(page, page_size)
        except TooLarge:
            if page_size <= SMALL_PAGE:
                raise
        return self._every_page(read, fresh, SMALL_PAGE, before_page)

    def _rows(
        self, read: Callable[[object], Row], offset: int, limit: int, fresh: bool
    ) -> tuple[Row | Unreadable, ...]:
        query = options(offset=offset, limit=limit, bypass_cache=fresh or None)
        # TorBox sometimes sends one row more than requested, and repeats it on the next page.
        rows = _list(self._read("torrents/mylist", query))[:limit]
        return tuple(_read(read, row) for row in rows)

    def _read(self, path: str, query: dict[str, str]) -> Any:
        return self._transport.fetch(Call(method="GET", path=path, query=query, safe=True)).data


def _list(data: object) -> list[Any]:
    if data is None:  # an empty account
        return []
    if not isinstance(data, list):
        raise Malformed.at("data", "is not a list")
    return data


def _read(read: Callable[[object], Row], row: object) -> Row | Unreadable:
    try:
        return read(row)
    except Malformed as error:
        return Unreadable.of(row, error)


def _all_pages(page: Callable[[int], tuple[Row, ...]], page_size: int) -> tuple[Row, ...]:
    """Read pages until one is short, one has nothing new (an ignored offset), or MAX_ROWS is reached."""
    if not 1 <= page_size <= PAGE_SIZE:
        raise ValueError(f"A page has 1 to {PAGE_SIZE} rows.")
    found: dict[int | str, Row] = {}
    for offset in range(0, MAX_ROWS, page_size):
        rows = page(offset)
        before = len(found)
        found.update((_key(row), row) for row in rows)
        if len(rows) < page_size or len(found) == before:
            break
    return tuple(found.values())[:MAX_ROWS]


def _key(row: _Row) -> int | str:
    """Return the identity of a row: its id, or its digest if the id can't be read."""
    return row.digest if isinstance(row, Unreadable) and row.id is None else row.id or 0
