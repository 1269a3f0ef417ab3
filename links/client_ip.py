"""The address of the person who asks for a link, where TorBox can use it."""

from __future__ import annotations

from ipaddress import ip_address

from django.http import HttpRequest


def public_address(request: HttpRequest) -> str | None:
    """Return the caller's address if it is public, so that TorBox picks a near CDN, else None."""
    try:
        address = ip_address(request.META.get("REMOTE_ADDR", ""))
    except ValueError:
        return None
    return str(address) if address.is_global else None
