"""Read torrents, and the jobs that save them, with as little work per row as possible: a program asks for all of them.

The queries are prepared, and their rows are the database's raw values, except that moments are in seconds since 1970,
because parsing them would take a third of the time. `Narrow` says which of the torrents that a person sees are read.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, NamedTuple

from django.db.models import BigIntegerField, Case, Func, OuterRef, QuerySet, Subquery, When

from accounts.models import TorBoxAccount, User
from accounts.prepared_query import Prepared
from saving.models import Job, JobFile
from torrents.models import Torrent, TorrentFile, TorrentQuerySet, TorrentTag
from torrents.saving_states import saves_to_disk

from .accounts import SeenAccount

PIECE = 500  # values in a query


class Seconds(Func):
    """A moment in whole seconds since 1970."""

    output_field = BigIntegerField()

    def as_sqlite(self, compiler: Any, connection: Any, **more: Any) -> Any:
        return self.as_sql(
            compiler, connection, template="CAST(strftime('%%%%s', %(expressions)s) AS INTEGER)"
        )

    def as_postgresql(self, compiler: Any, connection: Any, **more: Any) -> Any:
        return self.as_sql(
            compiler, connection, template="FLOOR(EXTRACT(EPOCH FROM %(expressions)s))::bigint"
        )


class Row(NamedTuple):
    """What is read of a torrent: its columns, with `since` for `status_since` and `added` for `added_at`.

    `tags` are JSON, and truth values may be 0 and 1. `first_path` is that of one of its files, if it is asked for.
    """

    pk: int
    account_id: int
    info_hash: str
    name: str
    status: str
    since: int
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
    added: int
    waiting_place: int | None
    file_count: int
    revision: int
    added_by_id: int | None
    first_path: str | None = None


class JobRow(NamedTuple):
    """What is read of a job: its columns, with `created` for `created_at` and `ended` for `ended_at`.

    `path` is where its folder was when it was made. `target` is that of its file, if it has a single one.
    """

    torrent_id: int
    pk: int
    folder_id: int
    path: str
    base: str
    state: str
    bytes_total: int
    bytes_done: int
    speed: int
    created: int
    ended: int | None
    target: str | None


@dataclass(frozen=True)
class Narrow:
    """Which torrents are read: those with a tag, without any of some tags, or with one of some hashes.

    None doesn't narrow. `paths`: read the path of a file of each as well.
    """

    tag: str | None = None
    without: tuple[str, ...] | None = None
    hashes: tuple[str, ...] | None = None
    paths: bool = False

    @property
    def pieces(self) -> Iterator[Narrow]:
        """Yield it in pieces that fit into a query each: none if there are no hashes, which no query can be about."""
        if self.hashes is None or 0 < len(self.hashes) <= PIECE:
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
    """Yield the jobs of those torrents, and maybe of others, in the order in which they were made.

    There are none if saving is off.
    """
    if saves_to_disk():
        for piece in narrow.pieces:
            yield from sorted(JobRow(*values) for values in _values(JOBS, person, accounts, piece))


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
    texts = (None if narrow.tag is None else (narrow.tag,), narrow.without, narrow.hashes)
    counts = tuple(None if some is None else len(some) for some in texts)
    keys, owned = about(person, accounts, *(text for some in texts for text in some or ()))
    return query.values(keys, owned, counts, narrow.paths)


class _Query:
    """What a prepared query for `_values` is about, of whose texts `counts` are tags, and so on."""

    def __init__(self, *more: Any) -> None:
        *keys, self.owned, counts, self.paths = more
        self.about = keys[: 1 + len(self.owned)]
        self.accounts, texts = self.about[1:], iter(keys[len(self.about) :])
        self.tag, self.without, self.hashes = (
            None if many is None else [str(next(texts)) for _ in range(many)] for many in counts
        )

    @property
    def torrents(self) -> TorrentQuerySet:
        rows = seen_on(*self.about, self.owned).listed()
        if self.tag is not None:  # A join is much faster than a subquery: SQLite begins with the tag.
            rows = rows.filter(tag_rows__account__in=self.accounts, tag_rows__name=self.tag[0])
        if self.without:
            tags = TorrentTag.objects.filter(account__in=self.accounts, name__in=self.without)
            rows = rows.exclude(pk__in=tags.values("torrent"))
        return rows if self.hashes is None else rows.filter(info_hash__in=self.hashes)

    @property
    def jobs(self) -> QuerySet[Job]:
        jobs = Job.objects.order_by()
        if self.tag is not None:
            tags = TorrentTag.objects.filter(account__in=self.accounts, name=self.tag[0])
            return jobs.filter(torrent__in=tags.values("torrent"))
        if self.hashes is not None:
            return jobs.filter(torrent__account__in=self.accounts, torrent__info_hash__in=self.hashes)
        return jobs.filter(account__in=self.accounts)


def _rows(*more: Any) -> QuerySet[Torrent, Any]:
    query, (*columns, path) = _Query(*more), Row._fields
    rows = query.torrents.annotate(since=Seconds("status_since"), added=Seconds("added_at"))
    if not query.paths:
        return rows.values_list(*columns)
    first = TorrentFile.objects.filter(torrent=OuterRef("pk")).order_by("remote_id").values("path")[:1]
    return rows.annotate(first_path=Subquery(first)).values_list(*columns, path)


def _jobs(*more: Any) -> QuerySet[Job, Any]:
    only = JobFile.objects.filter(job=OuterRef("pk")).order_by("remote_id").values("target")[:1]
    target = Case(When(base="", then=Subquery(only)), default=None)
    jobs = _Query(*more).jobs.annotate(
        created=Seconds("created_at"), ended=Seconds("ended_at"), target=target
    )
    return jobs.values_list(*JobRow._fields)


ROWS, JOBS = Prepared(_rows), Prepared(_jobs)
