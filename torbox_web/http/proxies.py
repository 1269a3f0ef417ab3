"""Accept forwarding headers only from the proxies in TRUSTED_PROXIES (docs/proxies.md)."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest, HttpResponse

logger = logging.getLogger(__name__)
FORWARDED = (
    "HTTP_FORWARDED",
    "HTTP_X_FORWARDED_FOR",
    "HTTP_X_FORWARDED_PROTO",
    "HTTP_X_FORWARDED_HOST",
    "HTTP_X_FORWARDED_PORT",
    "HTTP_X_FORWARDED_PREFIX",
    "HTTP_X_REAL_IP",
)


class ProxyMiddleware:
    """Set REMOTE_ADDR to the client's address, for rate limits and for TorBox's nearest CDN.

    Forwarding headers from any other address are removed.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.warned = False

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if is_trusted(request.META.get("REMOTE_ADDR", "")):
            request.META["REMOTE_ADDR"] = client_address(request)
        else:
            self._warn(request)
            for header in FORWARDED:
                request.META.pop(header, None)
        return self.get_response(request)

    def _warn(self, request: HttpRequest) -> None:
        """Log an ignored header once: the proxy may be missing from TRUSTED_PROXIES."""
        if not self.warned and "HTTP_X_FORWARDED_FOR" in request.META:
            self.warned = True
            peer = request.META.get("REMOTE_ADDR", "")
            logger.warning(
                "Ignoring X-Forwarded-For from %s. If that is your proxy, add it to TRUSTED_PROXIES.",
                peer,
            )


def client_address(request: HttpRequest) -> str:
    """Return the client's address: the last one in X-Forwarded-For that isn't a trusted proxy."""
    address: str = request.META.get("REMOTE_ADDR", "")
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
    while forwarded and is_trusted(address):
        hop = without_port(forwarded.pop().strip())
        if parsed(hop) is None:  # malformed or empty, so the proxy's address is the last known one
            break
        address = hop
    return address


def is_trusted(address: str) -> bool:
    found = parsed(address)
    return found is not None and any(
        found in proxy for proxy in map(network, settings.TRUSTED_PROXIES) if proxy is not None
    )


@cache
def network(text: str) -> IPv4Network | IPv6Network | None:
    """Return an address or network of TRUSTED_PROXIES; None if it is neither."""
    try:
        return ip_network(text.strip(), strict=False)
    except ValueError:
        return None


def parsed(address: str) -> IPv4Address | IPv6Address | None:
    """Parse an address; None if it isn't one. IPv4-mapped IPv6, as dual-stack sockets report it, becomes IPv4."""
    try:
        found = ip_address(address)
    except ValueError:
        return None
    mapped = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    return mapped or found


def without_port(hop: str) -> str:
    """Remove the port that some proxies add: 203.0.113.5:4711 or [2001:db8::1]:4711."""
    if hop.startswith("["):
        return hop[1:].partition("]")[0]
    return hop.partition(":")[0] if hop.count(":") == 1 else hop
