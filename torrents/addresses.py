"""Where a request really comes from."""

from __future__ import annotations

from ipaddress import ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest


def public_address(request: HttpRequest) -> str | None:
    """The caller's address when it is a public one, so that TorBox picks a near CDN; else None."""
    try:
        address = ip_address(client_address(request))
    except ValueError:
        return None
    return str(address) if address.is_global else None


def client_address(request: HttpRequest) -> str:
    """The last address in X-Forwarded-For that no trusted proxy wrote; without such proxies, the peer's."""
    address: str = request.META.get("REMOTE_ADDR", "")
    forwarded = [
        part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",") if part.strip()
    ]
    while forwarded and _is_trusted(address):
        address = forwarded.pop()
    return address


def _is_trusted(address: str) -> bool:
    try:
        return any(
            ip_address(address) in ip_network(proxy, strict=False) for proxy in settings.TRUSTED_PROXIES
        )
    except ValueError:
        return False
