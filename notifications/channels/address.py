"""Read the address of a channel. The only module here that decrypts one."""

from __future__ import annotations

from accounts import crypto

from ..models import Channel


def address_of(channel: Channel) -> str:
    """Return the address in plain text. Raises `accounts.crypto.KeyUnreadable`."""
    return crypto.decrypt(channel.encrypted_address)
