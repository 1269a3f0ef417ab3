"""Send one message to one channel, whatever its kind."""

from __future__ import annotations

from ..models import Channel
from .message import Message, Outcome


def send(channel: Channel, message: Message) -> Outcome:
    """Send a message, and return what came of it. Raises nothing; takes at most 30 seconds."""
    raise NotImplementedError
