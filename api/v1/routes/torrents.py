"""The list of torrents, and each of them."""

from __future__ import annotations

from django.http import QueryDict
from ninja import Query, Router
from pydantic import BaseModel, Field

from torrents.access import visible_torrent
from torrents.pages.list.page import TorrentListing
from torrents.saving_states import SAVING, saves_to_disk
from torrents.selection import MAX_TAGS, QUEUE, SORTS

from .. import auth
from ..calling import ProgramRequest
from ..field_problems import field_problem
from ..positions import MAX_CURSOR, after, cursor_of
from ..problems import Code, Problem, answers
from ..schemas.base import Id
from ..schemas.torrents import Filter, Sort, TorrentOut, TorrentPage
from ..torrent_rows import completed, readable, torrent_out

router = Router(tags=["torrents"])
MAX_LIMIT = 500


class Wanted(BaseModel):
    """Which torrents, in which order."""

    filter: Filter = Field(Filter("all"), description="The tab of the list.")
    search: str = Field(
        "", max_length=200, description="Words in names and file names, or the start of a hash."
    )
    tag: list[str] = Field([], max_length=MAX_TAGS, description="Torrents that have all of these tags.")
    account: Id | None = Field(None, description="The id of a TorBox account.")
    sort: Sort | None = Field(
        None, description="`queue` is for `saving` only, and its default. Otherwise `newest`."
    )
    limit: int = Field(100, ge=1, le=MAX_LIMIT, description="How many at most.")
    cursor: str = Field("", max_length=MAX_CURSOR, description="`next_cursor` of the page before.")


@router.get(
    "/torrents",
    auth=auth.read,
    response=answers(TorrentPage, 404, 409),
    operation_id="list_torrents",
    summary="List torrents",
)
def list_torrents(request: ProgramRequest, wanted: Query[Wanted]) -> TorrentPage:
    """Return the torrents that you see, a page at a time.

    Pages don't overlap and leave nothing out, whatever is added or deleted in the meantime.
    """
    listing = listing_of(request, wanted)
    order = SORTS[listing.sort][1]
    rows = listing.matching
    if wanted.cursor:
        rows = rows.filter(after(wanted.cursor, order, listing.sort))
    found = list(readable(rows, request.user)[: wanted.limit + 1])
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


def listing_of(request: ProgramRequest, wanted: Wanted) -> TorrentListing:
    """Return the torrents that a program wants. Raises `Problem`."""
    tab = wanted.filter.value
    if tab == SAVING and not saves_to_disk():
        raise Problem(Code.SAVING_OFF)
    if wanted.sort and wanted.sort.value == QUEUE and tab != SAVING:
        raise Problem(Code.INVALID, errors=[field_problem("query", "sort", "not_one_of")])
    query = QueryDict(mutable=True)
    query.update({"tab": tab, "q": wanted.search, "sort": wanted.sort.value if wanted.sort else ""})
    query["account"] = str(wanted.account or "")
    query.setlist("tag", wanted.tag)
    listing = TorrentListing(request.user, query)
    if listing.unseen_account:
        raise Problem(Code.NOT_FOUND)
    return listing
