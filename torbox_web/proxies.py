"""What a reverse proxy says about a request, believed only from those in TRUSTED_PROXIES."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest, HttpResponse

FORWARDED = ("HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO", "HTTP_X_FORWARDED_HOST")


class ProxyMiddleware:
    """REMOTE_ADDR becomes the caller's address, for rate limits and for TorBox's nearest CDN.

    Forwarding headers of anybody else are taken away before something believes them.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if is_trusted(request.META.get("REMOTE_ADDR", "")):
            request.META["REMOTE_ADDR"] = client_address(request)
        else:
            for header in FORWARDED:
                request.META.pop(header, None)
        return self.get_response(request)


def client_address(request: HttpRequest) -> str:
    """The last address in X-Forwarded-For that no trusted proxy wrote."""
    address: str = request.META.get("REMOTE_ADDR", "")
    header: str = request.META.get("HTTP_X_FORWARDED_FOR", "")
    forwarded = [part.strip() for part in header.split(",") if part.strip()]
    while forwarded and is_trusted(address):
        address = forwarded.pop()
    return address


def is_trusted(address: str) -> bool:
    try:
        return any(
            ip_address(address) in ip_network(proxy, strict=False) for proxy in settings.TRUSTED_PROXIES
        )
    except ValueError:
        return False
