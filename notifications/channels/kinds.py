"""The services that messages can go to, with what their forms ask."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from ..models import ChannelKind
from . import building
from .building import Address, Answers, Refused

MAX_TEXT = 2000  # characters of one field


@dataclass(frozen=True)
class Field:
    """A field of a kind's form. `type`: text, url, email, or secret, which is never shown again."""

    key: str
    label: str | Promise
    type: str = "text"
    required: bool = True
    placeholder: str = ""
    help: str | Promise = ""


@dataclass(frozen=True)
class Kind:
    """A service. `build` makes an address of the answers, or raises `Refused`."""

    name: str | Promise
    fields: tuple[Field, ...]
    build: Callable[[Answers], Address]
    schemes: tuple[str, ...] = ()


def build(kind: str, answers: Answers) -> Address:
    """Return the address for the answers to a kind's form. Raises `Refused`."""
    known = KINDS.get(kind)
    if known is None or kind not in offered():
        raise Refused("no_mail_server" if kind == ChannelKind.EMAIL else "unknown_kind")
    given = {key: value.strip() for key, value in answers.items() if value.strip()}
    for one in known.fields:
        if one.required and one.key not in given:
            raise Refused("missing", one.key)
    for key, value in given.items():
        if len(value) > MAX_TEXT or not value.isprintable():
            raise Refused("malformed", key)
    return known.build(given)


def offered() -> list[str]:
    """Return the kinds that can be added on this instance. Push isn't among them: browsers subscribe to it."""
    return [kind for kind in KINDS if kind != ChannelKind.EMAIL or settings.MAIL_SERVER]


def name_of(kind: str) -> str | Promise:
    """Return the proper name of a kind."""
    return _("Push") if kind == ChannelKind.PUSH else KINDS[kind].name


KINDS: dict[str, Kind] = {
    ChannelKind.NTFY: Kind(
        "ntfy",
        (
            Field(
                "topic",
                _("Topic"),
                placeholder="torbox-8fH2kq",
                help=_("Anyone who knows the topic can read it."),
            ),
            Field("server", _("Server"), "url", required=False, placeholder=building.NTFY_SERVER),
            Field("token", _("Access token"), "secret", required=False, placeholder="tk_…"),
        ),
        building.ntfy,
        ("ntfy", "ntfys"),
    ),
    ChannelKind.GOTIFY: Kind(
        "Gotify",
        (
            Field("server", _("Server"), "url", placeholder="https://gotify.example.org"),
            Field("token", _("App token"), "secret", placeholder="A…"),
        ),
        building.gotify,
        ("gotify", "gotifys"),
    ),
    ChannelKind.DISCORD: Kind(
        "Discord",
        (
            Field(
                "url",
                _("Webhook URL"),
                "secret",
                placeholder="https://discord.com/api/webhooks/…",
                help=_("In Discord, open the channel’s settings, then Integrations, then Webhooks."),
            ),
        ),
        building.discord,
        ("discord",),
    ),
    ChannelKind.TELEGRAM: Kind(
        "Telegram",
        (
            Field("token", _("Bot token"), "secret", placeholder="123456789:AA…", help=_("From @BotFather.")),
            Field("chat", _("Chat ID"), placeholder="-1001234567890"),
        ),
        building.telegram,
        ("tgram",),
    ),
    ChannelKind.SLACK: Kind(
        "Slack",
        (Field("url", _("Webhook URL"), "secret", placeholder="https://hooks.slack.com/services/…"),),
        building.slack,
        ("slack",),
    ),
    ChannelKind.MATRIX: Kind(
        "Matrix",
        (
            Field("server", _("Homeserver"), "url", placeholder="https://matrix.example.org"),
            Field("token", _("Access token"), "secret"),
            Field("room", _("Room ID or alias"), placeholder="!kq8fH2:example.org"),
        ),
        building.matrix,
        ("matrix", "matrixs"),
    ),
    ChannelKind.PUSHOVER: Kind(
        "Pushover",
        (Field("user", _("User key"), "secret"), Field("token", _("API token of your app"), "secret")),
        building.pushover,
        ("pover",),
    ),
    ChannelKind.PUSHBULLET: Kind(
        "Pushbullet",
        (Field("token", _("Access token"), "secret", placeholder="o.…"),),
        building.pushbullet,
        ("pbul",),
    ),
    ChannelKind.EMAIL: Kind(
        _("Email"),
        (Field("address", _("Email address"), "email", placeholder="mara@example.org"),),
        building.email,
    ),
    ChannelKind.WEBHOOK: Kind(
        _("Webhook"),
        (
            Field(
                "url",
                _("URL"),
                "url",
                placeholder="https://example.org/hooks/torbox",
                help=_("We send JSON by POST, with a signature."),
            ),
        ),
        building.webhook,
    ),
}
"""All kinds but push, in the order of the form."""
