"""Tell public IP addresses from private ones, and local host names from others."""

from __future__ import annotations

import ipaddress

PRIVATE_ENDINGS = ("localhost", "local", "internal", "lan", "home.arpa", "test")
"""Endings that no public name has (RFC 6761, 6762, 8375, ICANN's resolution on .internal, and common usage)."""

_GLOBAL_IPV6 = ipaddress.ip_network("2000::/3")
# 6to4 and Teredo embed an IPv4 address, and no CDN uses them.
_TUNNELS = tuple(map(ipaddress.ip_network, ("2002::/16", "2001::/32")))
# Python 3.11.4 to 3.11.9 calls most of these global (IETF protocol assignments, RFC 6890).
_ASSIGNMENTS = ipaddress.ip_network("192.0.0.0/24")
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


def is_public(address: str) -> bool:
    """Return whether a text is a public unicast IP address."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address):
        embedded = _embedded(found)
        if embedded is None:
            return _is_public_ipv6(found)
        found = embedded
    return found.is_global and not (found.is_multicast or found.is_reserved or found in _ASSIGNMENTS)


def _embedded(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """Return the IPv4 address inside a mapped or NAT64 address."""
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped


def _is_public_ipv6(address: ipaddress.IPv6Address) -> bool:
    if any(address in tunnel for tunnel in _TUNNELS):
        return False
    return address in _GLOBAL_IPV6 and address.is_global


def is_private_name(host: str) -> bool:
    """Return whether a host is in the local network, judged by its spelling without a lookup.

    True for a private IP address, a name without a dot, and PRIVATE_ENDINGS.
    """
    name = host.lower().rstrip(".")
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return "." not in name or name.endswith(tuple(f".{ending}" for ending in PRIVATE_ENDINGS))
    return not is_public(name)
