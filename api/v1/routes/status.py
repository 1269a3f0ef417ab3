"""Who a token acts for, and whether everything works."""

from __future__ import annotations

from ninja import Router

from accounts.models import TorBoxAccount, User
from torrents.models import Heartbeat
from torrents.saving_states import saves_to_disk
from torrents.services.upkeep.heartbeats import is_late

from ...scopes import Scope
from .. import auth
from ..calling import ProgramRequest
from ..problems import answers
from ..schemas.base import known
from ..schemas.status import AccountHealth, Me, MeOut, ProcessOut, StatusOut, TokenOut

router = Router(tags=["status"])
VERSION = "1"


@router.get(
    "/me", auth=auth.anyone, response=answers(MeOut), operation_id="get_me", summary="Get person and token"
)
def get_me(request: ProgramRequest) -> MeOut:
    """Return whom the token acts for, and what it may do. Every token may ask this."""
    person, token = request.user, request.auth
    scopes = [scope for scope in (known(Scope, name) for name in token.scopes) if scope]
    return MeOut(
        person=Me(
            id=person.pk,
            name=person.display_name,
            role=User.Role(person.role),
            may_add=TorBoxAccount.objects.addable_by(person).exists(),
        ),
        token=TokenOut(
            name=token.name, scopes=scopes, created_at=token.created_at, expires_at=token.expires_at
        ),
    )


@router.get(
    "/status",
    auth=auth.read,
    response=answers(StatusOut),
    operation_id="get_status",
    summary="Get the status",
)
def get_status(request: ProgramRequest) -> StatusOut:
    """Return whether the worker runs, and whether TorBox works with the accounts that you see."""
    seen_at = Heartbeat.last("worker")
    runs = not is_late(seen_at)
    accounts = [
        AccountHealth(id=one.pk, health=TorBoxAccount.Health(one.health), since=one.health_since)
        for one in TorBoxAccount.objects.visible_to(request.user)
    ]
    return StatusOut(
        ok=runs and all(one.health == TorBoxAccount.Health.OK for one in accounts),
        worker=ProcessOut(running=runs, last_seen_at=seen_at),
        saving=saves_to_disk(),
        accounts=accounts,
        version=VERSION,
    )
