"""Send messages by the instance's own mail server."""

from __future__ import annotations

from ..models import Trouble
from .answers import outcome_of
from .message import Message, Outcome


def send(address: str, message: Message) -> Outcome:
    """Send a message to a mail address, and return what came of it."""
    return outcome_of(Trouble.NO_MAIL_SERVER)
