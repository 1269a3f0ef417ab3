"""Tell one visitor of a link from another, without storing who they are."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from accounts.guessing import address_block


def visitor_of(request: HttpRequest) -> str:
    """Return 32 characters for the network and the program that a request comes from. They can't be turned back."""
    block = address_block(request.META.get("REMOTE_ADDR", ""))
    program = request.headers.get("User-Agent", "")[:300]
    return salted_hmac("links.visitor", f"{block}\n{program}", algorithm="sha256").hexdigest()[:32]
