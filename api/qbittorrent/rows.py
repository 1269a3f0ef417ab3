"""Read torrents, and the jobs that save them, with as little work per row as possible: a program asks for all of them.

The queries are prepared, and their rows are the database's raw values (`torrents/models` has the columns). `Narrow` says
which of the torrents that a person sees are read.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, NamedTuple

from django.db.models import OuterRef, QuerySet, Subquery

from accounts.models import TorBoxAccount, User
from accounts.prepared_query import Prepared
from saving.models import Job
from torrents.models import Torrent, TorrentFile, TorrentQuerySet, TorrentTag
from torrents.saving_states import saves_to_disk

from .accounts import SeenAccount

PIECE = 500  # values in a query


class Row(NamedTuple):
    """What is read of a torrent. Its columns, except for `first_path`: that of one of its files, if it is asked for."""

    pk: int
    account_id: int
    info_hash: str
    name: str
    status: str
    status_since: Any
    reason: str
    size: int
    progress: float
    eta: int | None
    download_speed: int
    upload_speed: int
    seeds: int
    peers: int
    ratio: float
    availability: float
    active: bool
    private: bool
    tracker: str
    tags: str
    total_downloaded: int
    total_uploaded: int
    added_at: Any
    waiting_place: int | None
    file_count: int
    revision: int
    added_by_id: int | None
    first_path: str | None = None


class JobRow(NamedTuple):
    """What is read of a job."""

    torrent_id: int
    pk: int
    folder_id: int
    rule_id: int | None
    base: str
    state: str
    bytes_total: int
    bytes_done: int
    speed: int
    created_at: Any
    ended_at: Any


@dataclass(frozen=True)
class Narrow:
    """Which torrents are read: those with one of `tags`, without any of `without`, or with one of `hashes`.

    None doesn't narrow. `paths`: read the path of a file of each as well.
    """

    tags: tuple[str, ...] | None = None
    without: tuple[str, ...] | None = None
    hashes: tuple[str, ...] | None = None
    paths: bool = False

    @property
    def pieces(self) -> Iterator[Narrow]:
        """Yield it in pieces that fit into a query each."""
        if self.hashes is None or len(self.hashes) <= PIECE:
            yield self
            return
        for start in range(0, len(self.hashes), PIECE):
            yield replace(self, hashes=self.hashes[start : start + PIECE])


EVERY = Narrow()


def rows_of(person: User, accounts: Sequence[SeenAccount], narrow: Narrow = EVERY) -> list[Row]:
    """Return the listed torrents that a person sees on these accounts, the oldest first."""
    found = [Row(*values) for piece in narrow.pieces for values in _values(ROWS, person, accounts, piece)]
    found.sort()
    return found


def jobs_of(person: User, accounts: Sequence[SeenAccount], narrow: Narrow = EVERY) -> Iterator[JobRow]:
    """Yield the jobs of those torrents, in the order in which they were made. None if saving is off."""
    if saves_to_disk():
        for piece in narrow.pieces:
            yield from sorted(JobRow(*values) for values in _values(JOBS, person, accounts, piece))


def seconds_of(moment: Any) -> int:
    """Return a time, as a database returns it, in seconds since 1970. SQLite's are text, in UTC without saying so."""
    if isinstance(moment, str):
        moment = datetime.fromisoformat(moment)
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())


@lru_cache(maxsize=4096)
def tags_of(stored: str) -> tuple[str, ...]:
    """Return the tags in a column as a database returns it. Most torrents have the same few."""
    return tuple(json.loads(stored)) if stored != "[]" else ()


def about(
    person: User, accounts: Sequence[SeenAccount], *texts: str
) -> tuple[list[object], tuple[bool, ...]]:
    """Return keys for a prepared query about what a person sees on accounts, and which of these are their own."""
    owned = tuple(account.owner == person.pk for account in accounts)
    return [person.pk, *(account.pk for account in accounts), *texts], owned


def seen_on(*more: Any) -> TorrentQuerySet:
    """Return all torrents that a person sees on accounts, also deleted ones. `more` is from `about`, in the query."""
    *keys, owned = more
    viewer = keys[0]
    accounts = [
        TorBoxAccount(pk=pk, owner_id=viewer if own else 0)
        for pk, own in zip(keys[1 : 1 + len(owned)], owned, strict=True)
    ]
    return Torrent.objects.seen_on(accounts, User(pk=viewer)).order_by()


def _values(
    query: Prepared[Any], person: User, accounts: Sequence[SeenAccount], narrow: Narrow
) -> Iterable[tuple[Any, ...]]:
    if not accounts:
        return []
    texts = (narrow.tags, narrow.without, narrow.hashes)
    counts = tuple(None if some is None else len(some) for some in texts)
    keys, owned = about(person, accounts, *(text for some in texts for text in some or ()))
    return query.values(keys, owned, counts, narrow.paths)


def _narrowed(*more: Any) -> TorrentQuerySet:
    """Return the listed torrents of a `Narrow`, of whose texts `counts` are tags, and so on."""
    *keys, owned, counts, _ = more
    accounts, texts = keys[1 : 1 + len(owned)], iter(keys[1 + len(owned) :])
    tags, without, hashes = (
        None if many is None else [str(next(texts)) for _ in range(many)] for many in counts
    )
    rows = seen_on(*keys[: 1 + len(owned)], owned).listed()
    tagged = TorrentTag.objects.filter(account__in=accounts)
    if tags is not None:
        rows = rows.filter(pk__in=tagged.filter(name__in=tags).values("torrent"))
    if without:
        rows = rows.exclude(pk__in=tagged.filter(name__in=without).values("torrent"))
    return rows if hashes is None else rows.filter(info_hash__in=hashes)


def _rows(*more: Any) -> QuerySet[Torrent, Any]:
    *columns, path = Row._fields
    rows = _narrowed(*more)
    if not more[-1]:
        return rows.values_list(*columns)
    first = TorrentFile.objects.filter(torrent=OuterRef("pk")).order_by("remote_id").values("path")[:1]
    return rows.annotate(first_path=Subquery(first)).values_list(*columns, path)


def _jobs(*more: Any) -> QuerySet[Job, Any]:
    *keys, owned, _, _ = more
    jobs = Job.objects.filter(account__in=keys[1 : 1 + len(owned)], torrent__in=_narrowed(*more).values("pk"))
    return jobs.order_by().values_list(*JobRow._fields)


ROWS, JOBS = Prepared(_rows), Prepared(_jobs)
