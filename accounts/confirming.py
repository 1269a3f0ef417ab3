"""Keys and security settings change only in the hands of somebody who has just shown who they are."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate
from urllib.parse import urlencode

from allauth.account.adapter import get_adapter
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, resolve_url

from .http import MemberRequest

View = Callable[Concatenate[MemberRequest, ...], HttpResponse]


def confirmed(view: View) -> View:
    """Leads to the confirmation page first, and from there to the page itself.

    allauth's own decorator would keep what was posted in the session until then: an API key, in the clear.
    """
    return confirmed_then("")(view)


def confirmed_then(page: str) -> Callable[[View], View]:
    """The same for an address that is only posted to: back to `page`, to press the button there again."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: MemberRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not get_adapter().is_reauthentication_required(app="accounts"):
                return view(request, *args, **kwargs)
            return _to_confirmation(request, resolve_url(page) if page else request.path)

        return guarded

    return decorate


def _to_confirmation(request: HttpRequest, then: str) -> HttpResponse:
    methods = get_adapter().get_reauthentication_methods(request.user)
    if not methods:
        raise PermissionDenied("There is nothing this person could confirm with.")
    return redirect(f"{methods[0]['url']}?{urlencode({'next': then})}")
