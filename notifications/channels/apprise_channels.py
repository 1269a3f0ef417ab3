"""Send messages to the services that Apprise knows."""

from __future__ import annotations

from ..models import Trouble
from .answers import outcome_of
from .message import Message, Outcome
from .outgoing import Reach


def send(kind: str, address: str, message: Message, reach: Reach) -> Outcome:
    """Send a message to a service, and return what came of it."""
    return outcome_of(Trouble.BAD_ADDRESS)
