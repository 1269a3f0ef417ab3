"""Send a message to a browser through its push service (RFC 8030, 8291, 8292)."""

from __future__ import annotations

from ..channels.message import Message, Outcome


def send(address: str, message: Message) -> Outcome:
    """Encrypt a message and send it. `address` is the JSON text of a subscription, as browsers make it."""
    raise NotImplementedError
