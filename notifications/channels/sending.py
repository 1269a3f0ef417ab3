"""Send one message to one channel, whatever its kind."""

from __future__ import annotations

import logging

from accounts.crypto import KeyUnreadable
from torbox.guarded_fetch import Resolve, resolve_host

from ..models import Channel, ChannelKind, Trouble
from ..push import sending as push
from . import apprise_channels, mail, webhook
from .address import address_of
from .answers import outcome_of
from .message import Message, Outcome
from .outgoing import Reach

logger = logging.getLogger(__name__)


def send(channel: Channel, message: Message, *, resolve: Resolve = resolve_host) -> Outcome:
    """Send a message, and return what came of it. Raises nothing; takes at most 30 seconds."""
    try:
        return _send(channel, message, resolve)
    except KeyUnreadable:
        return outcome_of(Trouble.UNREADABLE)
    except Exception as error:
        # Its text and its traceback may hold the address.
        logger.error("Sending to %s failed: %s.", channel, type(error).__name__)
        return Outcome(Trouble.SERVICE_ERROR, retry=True)


def _send(channel: Channel, message: Message, resolve: Resolve) -> Outcome:
    address = address_of(channel)
    reach = Reach(may_be_private(channel), resolve)
    if channel.kind == ChannelKind.PUSH:
        return push.send(address, message)
    if channel.kind == ChannelKind.EMAIL:
        return mail.send(address, message)
    if channel.kind == ChannelKind.WEBHOOK:
        return webhook.send(address, message, reach)
    return apprise_channels.send(channel.kind, address, message, reach)


def may_be_private(channel: Channel) -> bool:
    """Return whether a channel may lie in a private network: one of the household whose maker is still an owner."""
    return channel.household and channel.person.is_owner
