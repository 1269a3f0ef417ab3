"""Which ways in are on, and where they are."""

from __future__ import annotations

from django.conf import settings

from .scopes import Protocol

BELOW: dict[Protocol, str] = {
    Protocol.REST: "/api/v1/",
    Protocol.QBITTORRENT: "/qbittorrent/",
    Protocol.WEBDAV: "/dav/",
}
# Pages below them that signed-in people open in a browser.
DOCUMENTATION = "/api/v1/docs"
FOR_PEOPLE = (DOCUMENTATION, "/api/v1/openapi.json")


def is_on(protocol: Protocol) -> bool:
    return protocol in settings.API_PROTOCOLS


def on() -> list[Protocol]:
    """Return the protocols that are on."""
    return [protocol for protocol in Protocol if is_on(protocol)]


def protocol_of(path: str) -> Protocol | None:
    """Return the protocol whose addresses begin like this path (`request.path_info`), or None."""
    return next((protocol for protocol, below in BELOW.items() if f"{path}/".startswith(below)), None)


def is_for_people(path: str) -> bool:
    """Return whether a browser opens this path, with the session of the web app."""
    return path.rstrip("/") in FOR_PEOPLE


def documentation_url() -> str:
    """Return where people read about the REST API, or "" if that is off.

    The address isn't looked up by its name, because that would load the API, which takes memory, for a link.
    """
    return f"{settings.SITE_PATH}{DOCUMENTATION}/" if is_on(Protocol.REST) else ""


def address_of(protocol: Protocol) -> str:
    """Return the address that people enter into their programs."""
    return f"{settings.SITE_URL}{BELOW[protocol]}"
