"""What a toast offers beside its text: to undo something, or to look at the use of a TorBox account."""

from __future__ import annotations

from django.contrib.messages.storage.base import Message

USAGE = "usage "


def usage_offer(url: str) -> str:
    """Return the extra tag of a message that links to a Usage page. Any other extra tag is the URL that undoes."""
    return USAGE + url


def offers(message: Message) -> dict[str, str]:
    """Return the URLs that a message offers, `undo` and `usage`; "" for none."""
    tag = message.extra_tags or ""
    if tag.startswith(USAGE):
        return {"undo": "", "usage": tag.removeprefix(USAGE)}
    return {"undo": tag, "usage": ""}
