"""Who a token acts for, and whether everything works."""

from __future__ import annotations

from pydantic import Field

from accounts.models import TorBoxAccount, User
from api.scopes import Scope

from .base import Answer, Time


class Me(Answer):
    """You."""

    id: int
    name: str
    role: User.Role
    may_add: bool = Field(description="Whether there is an account that you may add to.")


class TokenOut(Answer):
    """The token that was sent."""

    name: str
    scopes: list[Scope]
    created_at: Time
    expires_at: Time | None = Field(description="Null: never.")


class MeOut(Answer):
    """Whom a token acts for."""

    person: Me
    token: TokenOut


class ProcessOut(Answer):
    """A process that works in the background."""

    running: bool
    last_seen_at: Time | None = Field(description="Its last heartbeat. Null before the first one.")


class AccountHealth(Answer):
    """Whether TorBox works with an account."""

    id: int
    health: TorBoxAccount.Health
    since: Time | None


class StatusOut(Answer):
    """Whether everything that you see works."""

    ok: bool = Field(description="Whether the worker runs and TorBox works with every account.")
    worker: ProcessOut = Field(description="It sends and refreshes. Nothing is lost while it doesn’t run.")
    saving: bool = Field(description="Whether torrents can be saved to the server’s disk.")
    accounts: list[AccountHealth]
    version: str = Field(description="The version of this API.")
