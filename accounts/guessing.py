"""Tell where password attempts come from, so that they can be limited per name and network."""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address, ip_network

from allauth.usersessions.models import UserSession


def address_block(address: str) -> str:
    """Return the /24 of an IPv4 address or the /64 of an IPv6 address, which one household or host usually holds."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    mapped = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    known = mapped or found
    return str(ip_network(f"{known}/{24 if known.version == 4 else 64}", strict=False))


def is_at_home(key: str, block: str) -> bool:
    """Return whether this name is signed in from the same block, where strangers must not lock it out."""
    addresses = UserSession.objects.filter(user__name_key=key).values_list("ip", flat=True)
    return any(address_block(address) == block for address in addresses)
