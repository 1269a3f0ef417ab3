"""Write a message for a service: its names as plain text, whatever markup they contain, and its link."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from html import escape
from typing import Any
from urllib.parse import quote

from ..models import ChannelKind
from .message import Message

MARKUP = re.compile(r"([\\*_~`|<>\[\]()#-])")
NOTHING = "\u200b"  # invisible, so that a name with @everyone calls no one
SPARE = 40  # characters that a service may add
NTFY_ROOM = 3800
HIGH = "high"  # ntfy's priority for what needs attention
FORMATS: dict[str, str] = {ChannelKind.TELEGRAM: "html"}
"""What each service gets, if not text. Called directly, the plugin of Telegram takes text for HTML."""


def texts(kind: str, plugin: Any, message: Message) -> tuple[str, str]:
    """Return title and body. Links go where a tap on the message leads, if the service has such a place."""
    title, body, url = message.title, message.body, message.url
    if kind == ChannelKind.NTFY:
        _use_ntfys_fields(plugin, message)
        url = ""
    elif kind == ChannelKind.PUSHOVER:
        plugin.supplemental_url, url = url, ""
    elif kind == ChannelKind.MATRIX:
        _name_the_event(plugin, message)
        title, body = "", "\n".join(filter(None, [title, body]))  # its plain text would begin with a #
    if not (body or url):
        title, body = "", title
    written = WRITTEN.get(kind, str)
    title, url = written(title), escape(url) if kind == ChannelKind.TELEGRAM else url
    size, room = (_size_for_ntfy, NTFY_ROOM) if kind == ChannelKind.NTFY else (len, plugin.body_maxlen)
    body = _fitting(body, written, size, room - size(title) - size(url) - SPARE)
    return title, "\n".join(filter(None, [body, url]))


def _fitting(text: str, written: Callable[[str], str], size: Callable[[str], int], room: int) -> str:
    """Return as much of a text as fits, once it is written for the service."""
    found = written(text)
    while text and size(found) > room:
        text = text[: -max((size(found) - room) // 5, 1)]
        found = f"{written(text)}…"
    return found if text else ""


def _size_for_ntfy(text: str) -> int:
    """Count as ntfy's limit for messages does, and Apprise's for JSON. Beyond them, a message becomes a file."""
    return max(len(text.encode()), len(json.dumps(text)) // 2)


def _literal(text: str) -> str:
    """Return a text that Discord shows as it is."""
    return MARKUP.sub(r"\\\1", text).replace("@", f"@{NOTHING}")


WRITTEN: dict[str, Callable[[str], str]] = {ChannelKind.DISCORD: _literal, ChannelKind.TELEGRAM: escape}


def _use_ntfys_fields(plugin: Any, message: Message) -> None:
    plugin.click = message.url or None
    if message.urgent:
        plugin.priority = HIGH


def _name_the_event(plugin: Any, message: Message) -> None:
    """Give Matrix the message's id: its servers take an event with the same id once."""
    plugin.access_token, plugin.transaction_id = plugin.password, quote(message.id, safe="")
