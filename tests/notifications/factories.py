"""Functions that make channels and messages, with defaults for everything a test doesn't need to specify."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from accounts import crypto
from accounts.models import User
from notifications.models import Channel, ChannelKind, Delivery
from notifications.services import channels

ADDRESSES: dict[str, dict[str, str]] = {
    ChannelKind.NTFY: {"topic": "torbox-8fH2kqx7Kq"},
    ChannelKind.DISCORD: {"url": "https://discord.com/api/webhooks/123456789/a-secret-token-ab12"},
    ChannelKind.TELEGRAM: {"token": "123456789:AAF0secretsecret", "chat": "-1001234567890"},
    ChannelKind.PUSHBULLET: {"token": "o.secretsecretQ9"},
}
"""What people enter for a channel of each kind. None of these has a server that is looked up."""


def make_channel(
    person: User, kind: str = ChannelKind.DISCORD, *, household: bool = False, **fields: Any
) -> Channel:
    """Add a channel as its form does. `fields` are columns that differ from those of a new one."""
    label = fields.pop("label", "")
    channel = channels.add(person, kind, ADDRESSES[kind], label=label, household=household)
    if fields:
        Channel.objects.filter(pk=channel.pk).update(**fields)
        channel.refresh_from_db()
    return channel


def make_device(person: User, **fields: Any) -> Channel:
    """Make a device with push. No message can reach it."""
    endpoint = f"https://fcm.googleapis.com/fcm/send/{uuid4().hex}"
    known = {"browser": "chrome", "platform": "linux"} | fields
    return Channel.objects.create(
        person=person,
        kind=ChannelKind.PUSH,
        encrypted_address=crypto.encrypt("{}"),
        fingerprint=crypto.fingerprint(endpoint),
        **known,
    )


def make_delivery(channel: Channel, **fields: Any) -> Delivery:
    """Make a message that waits for a channel."""
    known = {"person": channel.person, "source": f"test:{uuid4().hex}"} | fields
    return Delivery.objects.create(channel=channel, **known)
