"""Who may call an operation: programs with a token that has its scope, within the limits of the token."""

from __future__ import annotations

from django.http import HttpRequest
from ninja.security.base import AuthBase

from .. import limits
from ..authentication import token_of
from ..models import ApiToken
from ..scopes import Scope
from .problems import Code, Problem


class TokenAuth(AuthBase):
    """Let a request in whose token has a scope, and count it. `request.user` and `request.auth` are its person and token.

    Whatever needs another scope than *read* counts as a change, unless `changes` says otherwise.
    """

    openapi_type = "http"

    def __init__(self, scope: Scope | None, *, changes: bool | None = None) -> None:
        self.scope = scope
        self.changes = scope not in (None, Scope.READ) if changes is None else changes
        super().__init__()

    def __call__(self, request: HttpRequest) -> ApiToken | None:
        """Return the token, or None without one. Raises `TooManyAttempts`, `LimitReached`, and `Problem`."""
        token = token_of(request)
        if token is None:
            return None
        limits.count(token, changes=self.changes)
        if self.scope and not token.allows(self.scope):
            lacking = f'Bearer realm="TorBox Web", error="insufficient_scope", scope="{self.scope.value}"'
            raise Problem(Code.SCOPE, headers={"WWW-Authenticate": lacking}, scope=self.scope.value)
        return token


read = TokenAuth(Scope.READ)
add = TokenAuth(Scope.ADD)
manage = TokenAuth(Scope.MANAGE)
links = TokenAuth(Scope.LINKS)
anyone = TokenAuth(None)
"""What every token may do, such as asking what it may do."""
