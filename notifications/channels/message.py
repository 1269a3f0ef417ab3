"""What goes to a channel, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ..models import Trouble


@dataclass(frozen=True)
class Message:
    """A message in the language of its receiver, as plain text.

    `id` names it when it is sent again. `title` is one line, `lines` are the others, `url` leads to what it is about.
    `download_url` is set if it is about one torrent that can be downloaded. `urgent`: it needs attention. `payload` is
    the same as codes, for webhooks: a JSON object with the keys `kind`, `at`, `torrents`, and so on (docs/notifications.md).
    """

    id: str
    title: str
    lines: tuple[str, ...] = ()
    url: str = ""
    download_url: str = ""
    language: str = "en"
    urgent: bool = False
    payload: dict[str, Any] = field(default_factory=dict)

    @property
    def body(self) -> str:
        return "\n".join(self.lines)


@dataclass(frozen=True)
class Outcome:
    """What a service answered. Without `trouble`, it took the message.

    `retry`: worth another try. `retry_after`: seconds that the service asked to wait. `status`: the code of HTTP or SMTP.
    """

    trouble: Trouble | None = None
    retry: bool = False
    retry_after: float | None = None
    status: int | None = None
    upstream_detail: str = ""

    @property
    def delivered(self) -> bool:
        return self.trouble is None


DELIVERED = Outcome()
