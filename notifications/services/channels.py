"""What people do with channels: add, replace, rename, test, remove."""

from __future__ import annotations

from accounts.models import User

from ..models import Channel, Delivery


class ChannelRefused(Exception):
    """Raised when an address can't be a channel. `code` is a `Trouble` or a reason of channels/kinds.py."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def add(
    person: User, kind: str, fields: dict[str, str], *, label: str = "", household: bool = False
) -> Channel:
    """Add a channel. `fields` are those of its kind (channels/kinds.py). Raises `ChannelRefused`."""
    raise NotImplementedError


def replace(channel: Channel, person: User, fields: dict[str, str]) -> None:
    """Give a channel another address, and send what waits for it. Raises `ChannelRefused`."""
    raise NotImplementedError


def rename(channel: Channel, label: str) -> None:
    """Rename a channel."""
    raise NotImplementedError


def remove(channel: Channel) -> None:
    """Remove a channel with what waits for it."""
    raise NotImplementedError


def send_test(channel: Channel, person: User) -> Delivery:
    """Queue a test message, and return the row that will hold the answer."""
    raise NotImplementedError
