"""What a reverse proxy says about a request, believed only from those in TRUSTED_PROXIES (docs/proxies.md)."""

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
    """REMOTE_ADDR becomes the caller's address, for rate limits and for TorBox's nearest CDN.

    Forwarding headers of anybody else are taken away before something believes them.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.told = False

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if is_trusted(request.META.get("REMOTE_ADDR", "")):
            request.META["REMOTE_ADDR"] = client_address(request)
        else:
            self._tell(request)
            for header in FORWARDED:
                request.META.pop(header, None)
        return self.get_response(request)

    def _tell(self, request: HttpRequest) -> None:
        """Once, for whoever set up a proxy and forgot to name it; a stranger who sends the header is worth no more."""
        if not self.told and "HTTP_X_FORWARDED_FOR" in request.META:
            self.told = True
            peer = request.META.get("REMOTE_ADDR", "")
            logger.warning(
                "X-Forwarded-For from %s is not believed. If that is your proxy, name it in TRUSTED_PROXIES.",
                peer,
            )


def client_address(request: HttpRequest) -> str:
    """The last address in X-Forwarded-For that no trusted proxy wrote."""
    address: str = request.META.get("REMOTE_ADDR", "")
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
    while forwarded and is_trusted(address):
        hop = without_port(forwarded.pop().strip())
        if parsed(hop) is None:  # nonsense, or nothing: the proxy itself is the last one known
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
    """An address or network of TRUSTED_PROXIES; None when it is neither."""
    try:
        return ip_network(text.strip(), strict=False)
    except ValueError:
        return None


def parsed(address: str) -> IPv4Address | IPv6Address | None:
    """An address, IPv4 as such also where a socket of both kinds writes ::ffff:10.0.0.2; None when it is none."""
    try:
        found = ip_address(address)
    except ValueError:
        return None
    mapped = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    return mapped or found


def without_port(hop: str) -> str:
    """Some proxies write 203.0.113.5:4711 or [2001:db8::1]:4711."""
    if hop.startswith("["):
        return hop[1:].partition("]")[0]
    return hop.partition(":")[0] if hop.count(":") == 1 else hop
