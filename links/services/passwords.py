"""Passwords of lasting links."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.debug import sensitive_variables

from ..models import LastingLink


class TooManyGuesses(Exception):
    """Too many wrong passwords were tried, from this network or for this link."""


def is_open_to(request: HttpRequest, link: LastingLink) -> bool:
    """Return whether a request may pass: no password, the cookie of someone who entered it, or HTTP Basic with it.

    Raises `TooManyGuesses`.
    """
    raise NotImplementedError


@sensitive_variables("password")
def enter(request: HttpRequest, link: LastingLink, password: str) -> bool:
    """Return whether the password is right, and count a wrong one. Raises `TooManyGuesses`."""
    raise NotImplementedError


def let_in(response: HttpResponse, link: LastingLink, token: str) -> None:
    """Set the cookie that opens this link, and no other, for a day, until its password changes."""
    raise NotImplementedError
