"""Sign in with the person's name and a token as the password, and sign out."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.debug import sensitive_variables

from ... import limits
from ...authentication import checked
from ...scopes import Scope
from ..calling import fails, is_foreign, line, ok, open_to_all, text_of
from ..sessions import delete_cookie, end_session, open_session, token_of_session


@open_to_all
@sensitive_variables("password")
def login(request: HttpRequest) -> HttpResponse:
    """Answer `Ok.` with the cookie, or `Fails.`, both with status 200 as qBittorrent 5.1; 403 after too many attempts.

    HTTP Basic that is sent along doesn't count here, and a session that is open isn't enough.
    """
    name, password = text_of(request, "username"), text_of(request, "password")
    token = checked(request, password, name=name)
    if token is None or not token.allows(Scope.QBITTORRENT):
        return fails()
    limits.count(token)
    response = ok()
    open_session(request, response, token)
    return response


@open_to_all
def logout(request: HttpRequest) -> HttpResponse:
    """End the session."""
    response = line("")
    if not is_foreign(request):
        if token := token_of_session(request):
            limits.count(token, changes=True)  # it writes a row
            end_session(request, token)
        delete_cookie(response)
    return response
