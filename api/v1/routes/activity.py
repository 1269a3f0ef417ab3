"""What happened, and who did it."""

from __future__ import annotations

from django.http import Http404
from ninja import Query, Router
from pydantic import BaseModel, Field

from care.status.markup import plain
from torrents.models import Activity
from torrents.pages import page_position
from torrents.pages.activity.lines import on_own_page
from torrents.pages.activity.page import ActivityPage

from .. import auth
from ..calling import ProgramRequest
from ..problems import Code, Problem, answers
from ..schemas.activity import EventOut, EventPage
from ..schemas.base import Id
from ..torrent_rows import person_ref

router = Router(tags=["activity"])


class EventQuery(BaseModel):
    """Which events."""

    torrent: Id | None = Field(None, description="The id of a torrent, also of one that was deleted.")
    person: Id | None = Field(None, description="The id of a person.")
    kind: Activity.Kind | None = Field(None)
    search: str = Field("", max_length=200, description="Words in names, sentences, and what TorBox said.")
    limit: int = Field(100, ge=1, le=500, description="How many at most.")
    cursor: str = Field("", max_length=40, description="`next_cursor` of the page before.")


@router.get(
    "/activity",
    auth=auth.read,
    response=answers(EventPage, 404),
    operation_id="list_activity",
    summary="List activity",
)
def list_activity(request: ProgramRequest, wanted: Query[EventQuery]) -> EventPage:
    """Return what happened to the torrents that you see, the newest first, a page at a time."""
    entries = _page_of(request, wanted).entries.for_display(request.user)
    if wanted.cursor:
        position = page_position.read(wanted.cursor)
        if position is None:
            raise Problem(Code.CURSOR)
        entries = entries.filter(at__lte=position[0]).exclude(at=position[0], pk__gte=position[1])
    found = list(entries[: wanted.limit + 1])
    shown = found[: wanted.limit]
    last = shown[-1] if len(found) > len(shown) else None
    return EventPage(
        items=[_event_out(entry) for entry in shown],
        next_cursor=page_position.write((last.at, last.pk)) if last else None,
    )


def _page_of(request: ProgramRequest, wanted: EventQuery) -> ActivityPage:
    """Return the events that are wanted. Raises `Problem`."""
    query = {
        "torrent": str(wanted.torrent or ""),
        "person": str(wanted.person or ""),
        "kind": wanted.kind.value if wanted.kind else "",
        "q": wanted.search,
    }
    try:
        return ActivityPage(request.user, query)
    except Http404:
        raise Problem(Code.NOT_FOUND) from None


def _event_out(entry: Activity) -> EventOut:
    return EventOut(
        id=entry.pk,
        at=entry.at,
        kind=Activity.Kind(entry.kind),
        code=entry.code,
        params=entry.params,
        upstream_detail=entry.upstream_detail,
        detail=plain(on_own_page(entry).sentence),
        person=person_ref(entry.person),
        account_id=entry.account_id,
        torrent_id=entry.torrent_id if entry.leads_on else None,
        name=entry.name,
    )
