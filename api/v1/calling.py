"""Requests of programs as the type checker sees them."""

from __future__ import annotations

from accounts.http import MemberRequest

from ..models import ApiToken


class ProgramRequest(MemberRequest):
    """A request that `TokenAuth` let in."""

    auth: ApiToken
