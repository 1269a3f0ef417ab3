"""What channels are called."""

from __future__ import annotations

from django.utils.translation import pgettext

from .device_names import device_name
from .models import Channel, ChannelKind

SERVICES: dict[str, str] = {
    ChannelKind.NTFY: "ntfy",
    ChannelKind.GOTIFY: "Gotify",
    ChannelKind.DISCORD: "Discord",
    ChannelKind.TELEGRAM: "Telegram",
    ChannelKind.SLACK: "Slack",
    ChannelKind.MATRIX: "Matrix",
    ChannelKind.PUSHOVER: "Pushover",
    ChannelKind.PUSHBULLET: "Pushbullet",
}
"""The services with proper names, which no language translates."""


def service_name(kind: str) -> str:
    """Return what a kind of channel is called, as a heading or at the beginning of a sentence."""
    if kind == ChannelKind.PUSH:
        # Translators: messages that a browser shows, as a heading: “Push”.
        return pgettext("kind of channel", "Push")
    if kind == ChannelKind.EMAIL:
        return pgettext("kind of channel", "Email")
    if kind == ChannelKind.WEBHOOK:
        return pgettext("kind of channel", "Webhook")
    return SERVICES.get(kind, kind)


def name_in_list(kind: str) -> str:
    """Return what a kind of channel is called inside a list or a sentence: “Bell, push, email”."""
    if kind == ChannelKind.PUSH:
        # Translators: messages that a browser shows, inside a list: “Bell, push, email”.
        return pgettext("kind of channel in a list", "push")
    if kind == ChannelKind.EMAIL:
        return pgettext("kind of channel in a list", "email")
    if kind == ChannelKind.WEBHOOK:
        return pgettext("kind of channel in a list", "webhook")
    return SERVICES.get(kind, kind)


def channel_name(channel: Channel) -> str:
    """Return what a person calls a channel, or what it is. It may be text from a person, so it has to be escaped."""
    if channel.label:
        return channel.label
    if channel.is_push and (channel.browser or channel.platform):
        return device_name(channel.browser, channel.platform)
    return service_name(channel.kind)
