"""Changes of the torrents that a person sees, at once or when there are any."""

from __future__ import annotations

from django.http import HttpResponse
from ninja import Query, Router
from ninja.errors import AuthenticationError
from pydantic import BaseModel, Field

from accounts.models import TorBoxAccount
from torrents.models import Torrent
from torrents.services.sync import refreshing

from ...services import tokens
from .. import auth, waiting
from ..calling import ProgramRequest
from ..change_cursor import MAX_CURSOR, Changes, Known, changes, revisions
from ..json_answers import json_answer
from ..problems import answers
from ..schemas.changes import ChangesOut
from ..torrent_rows import torrent_out

router = Router(tags=["changes"])
MAX_SECONDS = 30


class ChangesQuery(BaseModel):
    """From when on, and for how long to wait."""

    since: str = Field("", max_length=MAX_CURSOR, description="`cursor` of the answer before.")
    wait: int = Field(
        0,
        ge=0,
        le=MAX_SECONDS,
        description="How many seconds to wait for a change. Only a few programs can wait at once. "
        "The others get an answer right away, and `Retry-After` says in how many seconds to ask again.",
    )
    live: bool = Field(
        False,
        description="Read TorBox’s list every few seconds while a torrent makes progress, as an open page does. "
        "Otherwise it is read every few minutes.",
    )


@router.get(
    "/changes",
    auth=auth.read,
    response=answers(ChangesOut),
    operation_id="list_changes",
    summary="List changes",
)
def list_changes(request: ProgramRequest, wanted: Query[ChangesQuery]) -> HttpResponse:
    """Return the torrents that have changed since the last answer, and wait for a change if there is none.

    Start without `since`, keep the cursor, and then read the list of torrents.
    """
    since = Known.of(wanted.since) if wanted.since else None
    _look(request, live=wanted.live)
    late = since is not None and wanted.wait > 0 and not _wait(request, since, wanted.wait)
    response = json_answer(_out(changes(request.user, since)))
    if late:
        response["Retry-After"] = str(waiting.RETRY_SECONDS)
    return response


def _wait(request: ProgramRequest, since: Known, seconds: int) -> bool:
    """Wait for a change, and tell whether there was a place to wait."""
    with waiting.PLACES.taken(request.auth.pk) as free:
        if free:
            waiting.wait_until(lambda: revisions(request.user) != since.revisions, seconds)
            token = tokens.still_usable(request.auth.pk)
            if token is None:
                raise AuthenticationError  # revoked, expired, or of someone who was removed in the meantime
            request.user = token.person
        return free


def _look(request: ProgramRequest, *, live: bool) -> None:
    """Note that someone uses the accounts, and that they watch what makes progress."""
    accounts = list(TorBoxAccount.objects.visible_to(request.user))
    moving = live and Torrent.objects.visible_to(request.user).moving().exists()
    refreshing.look(accounts, moving=moving)


def _out(found: Changes) -> ChangesOut:
    return ChangesOut(
        cursor=found.cursor,
        reset=found.incomplete,
        changed=[torrent_out(row) for row in found.changed],
        gone=found.gone,
    )
