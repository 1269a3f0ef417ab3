"""The list of torrents, and each of them."""

from __future__ import annotations

from django.http import HttpResponse, QueryDict
from ninja import Query, Router
from pydantic import BaseModel, Field

from torrents.access import visible_torrent
from torrents.pages.list.page import TorrentListing
from torrents.saving_states import SAVING, saves_to_disk
from torrents.selection import MAX_TAGS, QUEUE, SORTS

from .. import auth
from ..calling import ProgramRequest
from ..field_problems import field_problem
from ..json_answers import json_answer, tag_of, unchanged
from ..positions import MAX_CURSOR, after, cursor_of
from ..problems import Code, Problem, answers
from ..schemas.base import Id
from ..schemas.counts import Counts
from ..schemas.torrents import Filter, Sort, TorrentOut, TorrentPage
from ..torrent_rows import completed, readable, torrent_out

router = Router(tags=["torrents"])
MAX_LIMIT = 500


class SelectionQuery(BaseModel):
    """Which torrents, whatever they do."""

    search: str = Field(
        "", max_length=200, description="Words in names and file names, or the start of a hash."
    )
    tag: list[str] = Field([], max_length=MAX_TAGS, description="Torrents that have all of these tags.")
    account: Id | None = Field(None, description="The id of a TorBox account.")


class TorrentQuery(SelectionQuery):
    """Which torrents, in which order."""

    filter: Filter = Field(Filter("all"), description="The tab of the list.")
    sort: Sort | None = Field(
        None, description="`queue` is for `saving` only, and its default. Otherwise `newest`."
    )
    limit: int = Field(100, ge=1, le=MAX_LIMIT, description="How many at most.")
    cursor: str = Field("", max_length=MAX_CURSOR, description="`next_cursor` of the page before.")


@router.get(
    "/torrents",
    auth=auth.read,
    response=answers(TorrentPage, 304, 404, 409),
    operation_id="list_torrents",
    summary="List torrents",
)
def list_torrents(request: ProgramRequest, wanted: Query[TorrentQuery]) -> HttpResponse:
    """Return the torrents that you see, a page at a time.

    Pages don't overlap and leave nothing out, whatever is added or deleted in the meantime. Only torrents that move
    in the order may: use `newest` or `oldest` to read everything. Send the `ETag` of an answer back as `If-None-Match`
    to get 304 while nothing has changed.
    """
    listing = listing_of(request, wanted)
    tag = tag_of_list(listing, request.META["QUERY_STRING"])
    return unchanged(request, tag) or json_answer(_page(listing, wanted), tag)


def _page(listing: TorrentListing, wanted: TorrentQuery) -> TorrentPage:
    order = SORTS[listing.sort][1]
    rows = listing.matching
    if wanted.cursor:
        rows = rows.filter(after(wanted.cursor, order, listing.sort))
    found = list(readable(rows, listing.user)[: wanted.limit + 1])
    shown = found[: wanted.limit]
    return TorrentPage(
        items=[torrent_out(row) for row in completed(shown, listing.accounts)],
        next_cursor=cursor_of(shown[-1], order, listing.sort) if len(found) > len(shown) else None,
        total=listing.total,
    )


@router.get(
    "/torrents/{int:torrent_id}",
    auth=auth.read,
    response=answers(TorrentOut, 404),
    operation_id="get_torrent",
    summary="Get a torrent",
)
def get_torrent(request: ProgramRequest, torrent_id: int) -> TorrentOut:
    """Return one torrent that you see."""
    row = visible_torrent(request, torrent_id)
    return torrent_out(row)


@router.get(
    "/counts",
    auth=auth.read,
    response=answers(Counts, 404),
    operation_id="count_torrents",
    summary="Count torrents",
)
def count_torrents(request: ProgramRequest, wanted: Query[SelectionQuery]) -> Counts:
    """Return how many of the torrents that you see each `filter` has."""
    return Counts(**_listing(request, wanted).counts)


def listing_of(request: ProgramRequest, wanted: TorrentQuery) -> TorrentListing:
    """Return the torrents that a program wants. Raises `Problem`."""
    tab = wanted.filter.value
    if tab == SAVING and not saves_to_disk():
        raise Problem(Code.SAVING_OFF)
    if wanted.sort and wanted.sort.value == QUEUE and tab != SAVING:
        raise Problem(Code.INVALID, errors=[field_problem("query", "sort", "not_one_of")])
    return _listing(request, wanted, tab=tab, sort=wanted.sort.value if wanted.sort else "")


def _listing(request: ProgramRequest, wanted: SelectionQuery, **more: str) -> TorrentListing:
    query = QueryDict(mutable=True)
    query.update({"q": wanted.search, "account": str(wanted.account or ""), **more})
    query.setlist("tag", wanted.tag)
    listing = TorrentListing(request.user, query)
    if listing.unseen_account:
        raise Problem(Code.NOT_FOUND)
    return listing


def tag_of_list(listing: TorrentListing, query: str) -> str:
    """Return the ETag of what a query shows of a list."""
    user = listing.user
    return tag_of(user.pk, user.role, *(one.level for one in listing.accounts), listing.cursor, query)
