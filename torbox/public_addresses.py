"""Tell public IP addresses from private ones, and local host names from others."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable

_Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_Network = ipaddress.IPv4Network | ipaddress.IPv6Network

PRIVATE_ENDINGS = ("localhost", "local", "internal", "lan", "home.arpa", "test")
"""Endings that no public name has (RFC 6761, 6762, 8375, ICANN's resolution on .internal, and common usage)."""

_GLOBAL_IPV6 = ipaddress.ip_network("2000::/3")
# 6to4 and Teredo embed an IPv4 address, and no CDN uses them.
_TUNNELS = tuple(map(ipaddress.ip_network, ("2002::/16", "2001::/32")))
# Python 3.11.4 to 3.11.9 calls most of these global (IETF protocol assignments, RFC 6890).
_ASSIGNMENTS = ipaddress.ip_network("192.0.0.0/24")
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_LOCAL = tuple(
    map(
        ipaddress.ip_network,
        (
            "10.0.0.0/8",
            "172.16.0.0/12",
            "192.168.0.0/16",
            "100.64.0.0/10",
            "127.0.0.0/8",
            "::1/128",
            "fc00::/7",
        ),
    )
)
# Clouds give a machine's credentials to any request to these. The link-local ones are in no list above.
_METADATA = tuple(map(ipaddress.ip_network, ("100.100.100.200/32", "168.63.129.16/32", "fd00:ec2::/32")))


def is_public(address: str) -> bool:
    """Return whether a text is a public unicast IP address."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    found = _embedded(found) or found
    if isinstance(found, ipaddress.IPv6Address):
        return _is_public_ipv6(found)
    special = found.is_multicast or found.is_reserved or found in _ASSIGNMENTS or _is_in(found, _METADATA)
    return found.is_global and not special


def is_local(address: str) -> bool:
    """Return whether a text is an IP address of this machine or of a private network, and not of a cloud's metadata."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    found = _embedded(found) or found
    return _is_in(found, _LOCAL) and not _is_in(found, _METADATA)


def _is_in(address: _Address, networks: Iterable[_Network]) -> bool:
    return any(address in network for network in networks)


def _embedded(address: _Address) -> ipaddress.IPv4Address | None:
    """Return the IPv4 address inside a mapped or NAT64 address."""
    if isinstance(address, ipaddress.IPv4Address):
        return None
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped


def _is_public_ipv6(address: ipaddress.IPv6Address) -> bool:
    if _is_in(address, _TUNNELS):
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
