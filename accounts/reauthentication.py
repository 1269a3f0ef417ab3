"""Ask people to confirm who they are before they change keys or security settings."""

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


def reauthentication_required(view: View) -> View:
    """Send people to the confirmation page first, and from there to the page itself.

    allauth's own decorator would store the posted form in the session until then, and an API key with it.
    """
    return reauthentication_required_then("")(view)


def reauthentication_required_then(
    page: str, *, when: Callable[[MemberRequest], bool] | None = None
) -> Callable[[View], View]:
    """Do the same for a URL that only takes POST: people return to `page` and press the button again.

    `when` tells which requests need it. Without it, all do.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: MemberRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            then = resolve_url(page) if page else request.path
            asked = confirmation(request, then) if when is None or when(request) else None
            return asked or view(request, *args, **kwargs)

        return guarded

    return decorate


def confirmation(request: MemberRequest, then: str) -> HttpResponse | None:
    """Return a redirect to the confirmation page, which leads on to `then`; None if the person confirmed recently."""
    required = get_adapter().is_reauthentication_required(app="accounts")
    return _to_confirmation(request, then) if required else None


def _to_confirmation(request: HttpRequest, then: str) -> HttpResponse:
    methods = get_adapter().get_reauthentication_methods(request.user)
    if not methods:
        raise PermissionDenied("This person has neither a password, a passkey, nor a code to confirm with.")
    return redirect(f"{methods[0]['url']}?{urlencode({'next': then})}")
