"""What a service worker gets: a JSON object, in the language of its reader (templates/service-worker.js)."""

from __future__ import annotations

import bisect
import hashlib
import json
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from ..channels.message import Message
from .subscriptions import unpadded

MAX_BYTES = 3000  # with keys and padding, some services take 4,096
MAX_TITLE = 200  # characters; no platform shows more


def payload(message: Message, max_bytes: int = MAX_BYTES) -> bytes:
    """Return a message as JSON. Its body is cut at the end if it is too long.

    `url` and `download` begin with a slash, so that they lead to the site where the browser subscribed, whatever its
    name. `tag` makes a message that is sent again replace itself.
    """
    content = {
        "id": message.id,
        "title": message.title[:MAX_TITLE],
        "body": message.body,
        "url": _path(message.url),
        "download": _path(message.download_url),
        "download_title": _download_title(message),
        "tag": topic(message),
        "language": message.language,
    }
    whole = _encoded(content)
    return whole if len(whole) <= max_bytes else _encoded(content | {"body": _cut(content, max_bytes)})


def topic(message: Message) -> str:
    """Return a name for a message that reveals nothing about it: 32 characters, as RFC 8030 allows."""
    return unpadded(hashlib.sha256(message.id.encode()).digest()[:24])


def _cut(content: dict[str, Any], max_bytes: int) -> str:
    """Return the longest beginning of the body that fits, with an ellipsis, or "" if not even that fits."""
    body = content["body"]

    def size(length: int) -> int:
        return len(_encoded(content | {"body": f"{body[:length]}…"}))

    fitting = bisect.bisect_right(range(len(body)), max_bytes, key=size) - 1
    return f"{body[:fitting].rstrip()}…" if fitting > 0 else ""


def _encoded(content: dict[str, Any]) -> bytes:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def _path(url: str) -> str:
    return url.removeprefix(settings.SITE_ORIGIN)


def _download_title(message: Message) -> str:
    if not message.download_url:
        return ""
    with translation.override(message.language):
        return _("Download")
