"""Which ways in are on, and where they are."""

from __future__ import annotations

from django.conf import settings

from .scopes import Protocol

BELOW: dict[Protocol, str] = {
    Protocol.REST: "/api/v1/",
    Protocol.QBITTORRENT: "/qbittorrent/",
    Protocol.WEBDAV: "/dav/",
}


def is_on(protocol: Protocol) -> bool:
    return protocol in settings.API_PROTOCOLS


def protocol_of(path: str) -> Protocol | None:
    """Return the protocol whose addresses begin like this path (`request.path_info`), or None."""
    return next((protocol for protocol, below in BELOW.items() if path.startswith(below)), None)


def address_of(protocol: Protocol) -> str:
    """Return the address that people enter into their programs."""
    return f"{settings.SITE_URL}{BELOW[protocol]}"
